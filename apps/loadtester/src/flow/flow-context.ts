import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import type { ArtilleryCore } from '../artillery/core.ts'
import type { FlowContext } from '../artillery/engine-contract.ts'
import type { ScenarioSpec, ScriptConfig, ScriptDocument } from '../artillery/script-document.ts'
import type { HookVariables } from '../script/hooks.ts'
import { isSequential } from '../script/payload.ts'
import { templateFunctions } from '../script/template-functions.ts'

const RANDOM_FUNCTIONS = templateFunctions()

export interface FlowContextOptions {
  readonly testId: string
  /** Number of the user's row in payloads that are read in sequence; after the last row comes the first. */
  readonly row: number
  /** What the script's `before` flow set. */
  readonly variables?: HookVariables | undefined
}

/**
 * Creates the context of a new virtual user: Artillery's variables and functions, a row of each payload, and the script's
 * variables.
 */
export function createFlowContext(
  core: ArtilleryCore,
  document: ScriptDocument,
  scenario: ScenarioSpec,
  { testId, row, variables = {} }: FlowContextOptions,
): FlowContext {
  const id = randomUUID()
  const scriptPath = document._scriptPath
  const vars: Record<string, unknown> = {
    target: document.config.target,
    $environment: document._environment,
    $testId: testId,
    $uuid: id,
  }
  if (typeof scriptPath === 'string') {
    vars.$dirname = dirname(scriptPath)
    vars.$scenarioFile = scriptPath
  }
  Object.assign(vars, scriptVariables(document, row), variables)
  return {
    vars,
    funcs: {
      ...RANDOM_FUNCTIONS,
      $template: (input: unknown) => core.engineUtil.template(input, { vars }),
    },
    scenario,
    _uid: id,
  }
}

/** The variables that the script itself gives a virtual user: a row of each payload, one of each list of values, and the environment. */
export function scriptVariables({ config }: ScriptDocument, row: number): Record<string, unknown> {
  const vars: Record<string, unknown> = { $processEnvironment: process.env, $env: process.env }
  addPayloadRows(vars, config, row)
  for (const [name, value] of Object.entries(config.variables ?? {}))
    vars[name] = Array.isArray(value) ? value[Math.floor(Math.random() * value.length)] : value
  return vars
}

function addPayloadRows(vars: Record<string, unknown>, { payload: payloads }: ScriptConfig, number: number): void {
  for (const payload of payloads ?? []) {
    const { data = [] } = payload
    const row = isSequential(payload) ? data[number % data.length] : payload.reader?.(data)
    if (payload.loadAll === true) {
      if (payload.name !== undefined) vars[payload.name] = row
      continue
    }
    for (const [index, field] of (payload.fields ?? []).entries())
      vars[field] = Array.isArray(row) ? row[index] : undefined
  }
}
