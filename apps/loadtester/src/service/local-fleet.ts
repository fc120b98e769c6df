import { createMemoryChannel } from '../protocol/memory-channel.ts'
import type { Master } from '../run/master.ts'
import type { WorkerAgent } from '../worker/worker-agent.ts'
import { createWorker, type WorkerSetup } from './create-worker.ts'

/** Workers in their master's process; each has an engine thread of its own. */
export class LocalFleet {
  readonly #master: Master
  readonly #agents: readonly WorkerAgent[]

  constructor(master: Master, workers: number, setup: Omit<WorkerSetup, 'name'>) {
    this.#master = master
    this.#agents = Array.from({ length: workers }, (_, index) => {
      const agent = createWorker({ ...setup, name: workers === 1 ? 'local' : `local-${index + 1}` })
      const channel = createMemoryChannel()
      master.fleet.connect(channel.master)
      agent.attach(channel.worker)
      return agent
    })
  }

  /** Stops the live run, and ends the workers. */
  async close(): Promise<void> {
    await this.#master.stop('the load tester is shutting down')
    await Promise.all(this.#agents.map((agent) => agent.leave()))
  }
}
