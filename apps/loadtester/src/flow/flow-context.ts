import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import type { ArtilleryCore } from '../artillery/core.ts'
import type { FlowContext, ScenarioSpec, ScriptDocument } from '../artillery/types.ts'

/** Makes the context that a new virtual user carries: Artillery's variables and functions, a row of each payload, the script's variables. */
export function createFlowContext(
  core: ArtilleryCore,
  document: ScriptDocument,
  scenario: ScenarioSpec,
  testId: string,
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
  addPayloadRows(vars, document)
  for (const [name, value] of Object.entries(document.config.variables ?? {})) {
    vars[name] = Array.isArray(value) ? value[Math.floor(Math.random() * value.length)] : value
  }
  return {
    vars,
    funcs: {
      $randomNumber: randomNumber,
      $randomString: randomString,
      $template: (input: unknown) => core.engineUtil.template(input, { vars }),
    },
    scenario,
    _uid: id,
  }
}

function addPayloadRows(vars: Record<string, unknown>, document: ScriptDocument): void {
  for (const payload of document.config.payload ?? []) {
    const row = payload.reader?.(payload.data)
    if (payload.loadAll === true) {
      if (payload.name !== undefined) vars[payload.name] = row
      continue
    }
    for (const [index, field] of (payload.fields ?? []).entries())
      vars[field] = Array.isArray(row) ? row[index] : undefined
  }
}

function randomNumber(minimum: number, maximum: number): number {
  return Math.floor(minimum + Math.random() * (maximum - minimum + 1))
}

const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

function randomString(length = 10): string {
  let text = ''
  while (text.length < length) text += alphabet.charAt(Math.floor(Math.random() * alphabet.length))
  return text
}
