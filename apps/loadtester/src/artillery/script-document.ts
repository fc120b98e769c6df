/** An Artillery script as its file has it: https://www.artillery.io/docs/reference/test-script */
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
  /** Names by which a run chooses some of a script's scenarios; not Artillery's. */
  tags?: string | string[]
  flow: unknown[]
  beforeRequest?: string | string[]
  [extension: string]: unknown
}
