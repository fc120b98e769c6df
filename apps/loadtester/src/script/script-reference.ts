import { type HookVariables, hooksOf, type ScriptHook } from './hooks.ts'
import type { LoadScript, ReadScriptOptions } from './script.ts'
import type { ScriptSettings } from './script-settings.ts'

/** The script of a run, as master and workers name it. Its content is never sent: every worker reads its own file of that name. */
export interface ScriptReference {
  readonly name: string
  /** SHA-256 of the script and its files, as the master read them. */
  readonly digest: string
  readonly target: string
  readonly environment?: string | undefined
  /** What the run changes in the script. */
  readonly settings?: ScriptSettings | undefined
  /** Flows that one worker runs once for the whole run. */
  readonly hooks?: readonly ScriptHook[] | undefined
  /** Variables that the `before` flow set; every virtual user gets them. */
  readonly variables?: HookVariables | undefined
}

/** Refers to a script that was read with these options. */
export function referenceOf(script: LoadScript, options: ReadScriptOptions): ScriptReference {
  const { name, digest, target, document } = script
  const { environment, target: _target, testId: _testId, ...settings } = options
  const changes = Object.values(settings).some((value) => value !== undefined) ? { settings } : {}
  return { name, digest, target, environment, hooks: hooksOf(document), ...changes }
}
