import { hooksOf } from '../flow/script-hook.ts'
import type { ScriptReference } from '../protocol/messages.ts'
import type { LoadScript } from './script.ts'

/** What master and workers tell each other of a script that was read. */
export function referenceOf(script: LoadScript, environment: string | undefined): ScriptReference {
  const { name, digest, target, document } = script
  return { name, digest, target, environment, hooks: hooksOf(document) }
}
