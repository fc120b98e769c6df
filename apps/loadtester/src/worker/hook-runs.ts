import { messageOf } from '@node-to-cloud/command-line'
import type { EngineHost } from '../engine/engine-host.ts'
import type { EngineScript } from '../engine/engine-messages.ts'
import type { HookVariables, ScriptHook } from '../script/hooks.ts'

/** The variables that a hook set, or what went wrong. */
export interface HookResult {
  readonly variables: HookVariables
  readonly message?: string | undefined
}

/** Runs `before` and `after` flows, each in an engine thread of its own. */
export class HookRuns {
  readonly #startEngine: () => EngineHost
  readonly #hosts = new Set<EngineHost>()

  constructor(startEngine: () => EngineHost) {
    this.#startEngine = startEngine
  }

  /** @param readScript names the script; what it throws is the result. */
  async run(hook: ScriptHook, readScript: () => EngineScript): Promise<HookResult> {
    const host = this.#startEngine()
    this.#hosts.add(host)
    try {
      const script = readScript()
      return await new Promise<HookResult>((resolve) => {
        host.onExit((message) => resolve({ variables: {}, message }))
        host.onEvent((event) => {
          if (event.type === 'hookEnded') resolve({ variables: event.variables })
          else if (event.type === 'failed') resolve({ variables: {}, message: event.message })
        })
        host.send({ type: 'hook', hook, ...script })
      })
    } catch (error) {
      return { variables: {}, message: messageOf(error) }
    } finally {
      this.#hosts.delete(host)
      await host.terminate()
    }
  }

  /** Ends the flows that are running. */
  async terminate(): Promise<void> {
    await Promise.all([...this.#hosts].map((host) => host.terminate()))
  }
}
