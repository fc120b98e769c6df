import type { EngineHost } from '../engine/engine-host.ts'
import type { EngineScript } from '../engine/engine-messages.ts'
import type { HookVariables, ScriptHook } from '../flow/script-hook.ts'

/** How a hook ended: with its variables, or with what went wrong. */
export interface HookResult {
  readonly variables: HookVariables
  readonly message?: string | undefined
}

/** Runs a script's `before` or `after` flow in an engine thread of its own, which ends with it. */
export async function runHookIn(host: EngineHost, hook: ScriptHook, script: EngineScript): Promise<HookResult> {
  try {
    return await new Promise<HookResult>((resolve) => {
      host.onExit((message) => resolve({ variables: {}, message }))
      host.onEvent((event) => {
        if (event.type === 'hookEnded') resolve({ variables: event.variables })
        else if (event.type === 'failed') resolve({ variables: {}, message: event.message })
      })
      host.send({ type: 'hook', hook, ...script })
    })
  } finally {
    await host.terminate()
  }
}
