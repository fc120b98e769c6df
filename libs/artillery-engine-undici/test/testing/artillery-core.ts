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

/** Where Artillery and the engines draw their random numbers, if a test has chosen that. */
let draw: (() => number) | undefined

/** Lets every random number that Artillery and the engines draw be `random` until `action` ends. */
export async function withRandom<T>(random: number | undefined, action: () => Promise<T>): Promise<T> {
  draw = random === undefined ? undefined : () => random
  try {
    return await action()
  } finally {
    draw = undefined
  }
}

/** Loads Artillery's core in this process, with its telemetry off. */
export async function loadArtilleryCore(): Promise<ArtilleryCore> {
  process.env.ARTILLERY_DISABLE_TELEMETRY = '1'
  // Before Lodash is loaded, which keeps the function that it finds.
  const random = Math.random
  Math.random = () => draw?.() ?? random()
  const root = path.dirname(createRequire(import.meta.url).resolve('artillery/package.json'))
  const load = (file: string) => import(pathToFileURL(path.join(root, 'dist/lib', file)).href)
  const core = await load('core/index.js')
  const commons = await load('commons/index.js')
  await core.updateGlobalObject({ version: '2.0.34' })
  return { HttpEngine: core.engine_http, helpers: commons.engine_util, runner: core.runner.runner }
}
