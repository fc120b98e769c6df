import type { EventEmitter } from 'node:events'

/** An Artillery script as it stands in its file: https://www.artillery.io/docs/reference/test-script */
export interface ScriptDocument {
  config: ScriptConfig
  scenarios: ScenarioSpec[]
  before?: unknown
  after?: unknown
  [extension: string]: unknown
}

/** The `config` section of a script. */
export interface ScriptConfig {
  target?: string
  phases?: unknown[]
  engine?: string
  engines?: Record<string, unknown>
  processor?: unknown
  variables?: Record<string, unknown>
  payload?: PayloadSpec[] | null
  plugins?: Record<string, unknown>
  environments?: Record<string, Partial<ScriptConfig>>
  http?: Record<string, unknown>
  [extension: string]: unknown
}

/** A CSV file whose rows become variables of virtual users. */
export interface PayloadSpec {
  path: string
  fields?: string[]
  name?: string
  loadAll?: boolean
  data?: unknown[]
  reader?: (data: unknown) => unknown
  [option: string]: unknown
}

/** One scenario of a script. */
export interface ScenarioSpec {
  name?: string
  engine?: string
  weight?: number | string
  flow: unknown[]
  beforeRequest?: string | string[]
  [extension: string]: unknown
}

/** What a virtual user carries through its flow. */
export interface FlowContext {
  vars: Record<string, unknown>
  funcs: Record<string, unknown>
  scenario?: ScenarioSpec
  [extension: string]: unknown
}

/** A scenario compiled by an engine: runs one virtual user through it. */
export type CompiledScenario = (
  context: FlowContext,
  callback: (error: unknown, context?: FlowContext) => void,
) => unknown

/** Artillery's contract for engines, `artillery-engine-<name>`. */
export interface FlowEngine {
  createScenario(spec: ScenarioSpec, events: EventEmitter): CompiledScenario
  init?(): Promise<void> | void
  cleanup?(done: (error?: unknown) => void): void
  /** Lets no virtual user send another request. */
  stop?(): void
}

export type EngineConstructor = new (script: ScriptDocument, events: EventEmitter, engineUtil: unknown) => FlowEngine
