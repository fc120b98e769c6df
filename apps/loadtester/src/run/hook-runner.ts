import type { ChangeSignal } from '../fleet/change-signal.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { HookVariables, ScriptHook } from '../flow/script-hook.ts'
import type { WorkerMessage } from '../protocol/messages.ts'
import { MasterError } from './master-error.ts'
import type { Run } from './run.ts'

type HookEnded = WorkerMessage & { type: 'hookEnded' }

/** How long a `before` or `after` flow may take. */
const hookDeadlineMs = 60_000

/** Has one worker run a script's `before` or `after` flow, once for the whole run. */
export class HookRunner {
  readonly #fleet: Fleet
  readonly #changes: ChangeSignal
  readonly #ended = new Map<string, HookEnded>()

  constructor(fleet: Fleet, changes: ChangeSignal) {
    this.#fleet = fleet
    this.#changes = changes
  }

  /** Takes a worker's word on how its flow ended. */
  take(message: HookEnded): void {
    this.#ended.set(keyOf(message.runId, message.hook), message)
    this.#changes.notify()
  }

  /**
   * @returns the variables that the flow left; none where the script has no such flow.
   * @throws MasterError HOOK_FAILED with what went wrong, PREPARE_FAILED where the run is stopped during `before`.
   */
  async run(hook: ScriptHook, run: Run): Promise<HookVariables> {
    const { script } = run.request
    if (script.hooks?.includes(hook) !== true) return {}
    const worker = this.#fleet.present.find(({ leaving }) => !leaving)
    if (worker === undefined) throw new MasterError('HOOK_FAILED', `${hook}: there is no worker to run the flow`)
    const key = keyOf(run.id, hook)
    const { channel } = worker
    channel?.send({ type: 'hook', runId: run.id, hook, script })
    const deadline = performance.now() + hookDeadlineMs
    for (;;) {
      const ended = this.#ended.get(key)
      if (ended !== undefined) {
        this.#ended.delete(key)
        if (ended.message !== undefined) throw new MasterError('HOOK_FAILED', ended.message)
        return ended.variables
      }
      if (hook === 'before' && run.state !== 'preparing')
        throw new MasterError('PREPARE_FAILED', 'The run was stopped before it began.')
      if (worker.channel !== channel || channel === undefined) {
        throw new MasterError('HOOK_FAILED', `${hook}: worker ${worker.name} was lost while it ran the flow`)
      }
      if (performance.now() > deadline) {
        throw new MasterError('HOOK_FAILED', `${hook}: the flow did not end within ${hookDeadlineMs / 1000} s`)
      }
      await this.#changes.wait(200)
    }
  }
}

function keyOf(runId: string, hook: ScriptHook): string {
  return `${hook} ${runId}`
}
