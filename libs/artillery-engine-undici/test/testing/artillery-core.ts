import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type {
  ArtilleryEvents,
  EngineHelpers,
  EngineScript,
  Scenario,
  ScenarioSpec,
} from '../../src/artillery/contract.ts'

/** An engine as Artillery's runner sees it. */
export interface Engine {
  init?(): Promise<void>
  createScenario(spec: ScenarioSpec, events: ArtilleryEvents): Scenario
}

export type EngineClass = new (script: EngineScript, events: ArtilleryEvents, helpers: EngineHelpers) => Engine

/** What Artillery's runner emits while it runs a script. */
export interface RunnerEvents {
  on(event: 'done', listener: (totals: RunTotals) => void): void
  run(): void
  stop(): Promise<void>
}

export interface RunTotals {
  counters: Record<string, number>
  histograms: Record<string, { count: number }>
}

/** The parts of Artillery's core that are tested and measured against: not exported by its package, so found by path. */
export interface ArtilleryCore {
  HttpEngine: EngineClass
  helpers: EngineHelpers
  runner(script: object, payload: undefined, options: object): Promise<RunnerEvents>
}

/** Loads Artillery's core in this process, with its telemetry off. */
export async function loadArtilleryCore(): Promise<ArtilleryCore> {
  process.env.ARTILLERY_DISABLE_TELEMETRY = '1'
  const root = path.dirname(createRequire(import.meta.url).resolve('artillery/package.json'))
  const load = (file: string) => import(pathToFileURL(path.join(root, 'dist/lib', file)).href)
  const core = await load('core/index.js')
  const commons = await load('commons/index.js')
  await core.updateGlobalObject({ version: '2.0.34' })
  return { HttpEngine: core.engine_http, helpers: commons.engine_util, runner: core.runner.runner }
}
