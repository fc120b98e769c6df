import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import type { ArtilleryCore } from '../artillery/core.ts'
import type { FlowContext } from '../artillery/engine-contract.ts'
import type { ScenarioSpec, ScriptDocument } from '../artillery/script-document.ts'
import type { HookVariables } from '../script/hooks.ts'
import { isSequential } from '../script/payload.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

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
    $processEnvironment: process.env,
    $env: process.env,
    $testId: testId,
    $uuid: id,
  }
  if (typeof scriptPath === 'string') {
    vars.$dirname = dirname(scriptPath)
    vars.$scenarioFile = scriptPath
  }
  addPayloadRows(vars, document, row)
  for (const [name, value] of Object.entries(document.config.variables ?? {}))
    vars[name] = Array.isArray(value) ? value[randomInteger(0, value.length - 1)] : value
  Object.assign(vars, variables)
  return {
    vars,
    funcs: {
      $randomNumber: randomInteger,
      $randomString: randomString,
      $template: (input: unknown) => core.engineUtil.template(input, { vars }),
    },
    scenario,
    _uid: id,
  }
}

function addPayloadRows(vars: Record<string, unknown>, document: ScriptDocument, number: number): void {
  for (const payload of document.config.payload ?? []) {
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

function randomInteger(minimum: number, maximum: number): number {
  return Math.floor(minimum + Math.random() * (maximum - minimum + 1))
}

function randomString(length = 10): string {
  let text = ''
  while (text.length < length) text += ALPHABET.charAt(randomInteger(0, ALPHABET.length - 1))
  return text
}
