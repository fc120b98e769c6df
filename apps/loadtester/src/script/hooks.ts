import type { ScriptDocument } from '../artillery/script-document.ts'

/** A flow that runs once per run: before the first virtual user, or after the last one. */
export type ScriptHook = 'before' | 'after'

/** Variables that a hook sets, as JSON data. */
export type HookVariables = Readonly<Record<string, unknown>>

/** The hooks that a script has. */
export function hooksOf(document: ScriptDocument): ScriptHook[] {
  return (['before', 'after'] as const).filter((hook) => document[hook] !== undefined && document[hook] !== null)
}
