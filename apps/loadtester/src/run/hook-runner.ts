import type { Fleet } from '../fleet/fleet.ts'
import type { HookEnded } from '../protocol/messages.ts'
import type { HookVariables, ScriptHook } from '../script/hooks.ts'
import { MasterError } from './master-error.ts'
import type { Run } from './run.ts'

/** How long a `before` or `after` flow may take. */
const HOOK_DEADLINE_MS = 60_000

/** Has one worker run a script's `before` or `after` flow, once for the whole run. */
export class HookRunner {
  readonly #fleet: Fleet
  readonly #ended = new Map<string, HookEnded>()
  /** Flows that a worker was asked to run. */
  readonly #asked = new Set<string>()

  constructor(fleet: Fleet) {
    this.#fleet = fleet
  }

  /** Takes a worker's message about how its flow ended. */
  ended(message: HookEnded): void {
    const key = keyOf(message.runId, message.hook)
    if (!this.#asked.has(key)) return
    this.#ended.set(key, message)
    this.#fleet.changes.notify()
  }

  /**
   * @returns the variables that the flow set; none if the script has no such flow.
   * @throws MasterError ERR_HOOK_FAILED; or ERR_PREPARE_FAILED if the run is stopped during `before`.
   */
  async run(hook: ScriptHook, run: Run): Promise<HookVariables> {
    const { script } = run.request
    if (script.hooks?.includes(hook) !== true) return {}
    const worker = this.#fleet.present.find(({ isLeaving }) => !isLeaving)
    if (worker === undefined) throw failed(hook, 'there is no worker to run the flow')
    const key = keyOf(run.id, hook)
    const { channel } = worker
    this.#asked.add(key)
    worker.send({ type: 'hook', runId: run.id, hook, script })
    const deadline = performance.now() + HOOK_DEADLINE_MS
    try {
      return await this.#wait({ key, hook, run, deadline, isLost: () => worker.channel !== channel, name: worker.name })
    } finally {
      this.#asked.delete(key)
      this.#ended.delete(key)
    }
  }

  async #wait(asked: {
    readonly key: string
    readonly hook: ScriptHook
    readonly run: Run
    readonly deadline: number
    readonly isLost: () => boolean
    readonly name: string
  }): Promise<HookVariables> {
    const { key, hook, run, deadline, isLost, name } = asked
    for (;;) {
      const ended = this.#ended.get(key)
      if (ended !== undefined) {
        if (ended.message !== undefined) throw new MasterError('ERR_HOOK_FAILED', ended.message)
        return ended.variables
      }
      if (hook === 'before' && run.state !== 'preparing')
        throw new MasterError('ERR_PREPARE_FAILED', 'The run was stopped before it began.')
      if (isLost()) throw failed(hook, `worker ${name} was lost while it ran the flow`)
      if (performance.now() > deadline) throw failed(hook, `the flow did not end within ${HOOK_DEADLINE_MS / 1000} s`)
      await this.#fleet.changes.wait(200)
    }
  }
}

function failed(hook: ScriptHook, problem: string): MasterError {
  return new MasterError('ERR_HOOK_FAILED', `${hook}: ${problem}`)
}

function keyOf(runId: string, hook: ScriptHook): string {
  return `${hook} ${runId}`
}
