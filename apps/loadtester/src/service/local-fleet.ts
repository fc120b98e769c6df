import { randomUUID } from 'node:crypto'
import type { HttpEngine } from '../flow/engines.ts'
import { createMemoryChannel } from '../protocol/channel.ts'
import type { WorkerGauges } from '../protocol/messages.ts'
import type { Tally } from '../results/tally.ts'
import { Master } from '../run/master.ts'
import type { Run } from '../run/run.ts'
import { WorkerAgent } from '../worker/worker-agent.ts'

export interface LocalFleetOptions {
  readonly workers: number
  readonly version: string
  readonly httpEngine: HttpEngine
  readonly maximumSeries: number
  readonly resolveScript: (name: string) => string
  readonly allowedTargets?: readonly string[] | undefined
  readonly onTally?: (tally: Tally, gauges: WorkerGauges) => void
  readonly onRunEnd?: (run: Run) => void
  readonly metricsUrl?: string | undefined
  readonly log: (message: string, fields?: object) => void
}

/** A master and its workers in one process; each worker has an engine thread of its own. */
export class LocalFleet {
  readonly master: Master
  readonly agents: readonly WorkerAgent[]

  constructor(options: LocalFleetOptions) {
    const { version, maximumSeries, log } = options
    this.master = new Master({
      version,
      maximumSeries,
      log,
      ...(options.onRunEnd === undefined ? {} : { onRunEnd: options.onRunEnd }),
    })
    this.agents = Array.from({ length: options.workers }, (_, index) => {
      const agent = new WorkerAgent({
        id: randomUUID(),
        name: options.workers === 1 ? 'local' : `local-${index + 1}`,
        version,
        weight: 1,
        httpEngine: options.httpEngine,
        maximumSeries,
        metricsUrl: options.metricsUrl,
        resolveScript: options.resolveScript,
        allowedTargets: options.allowedTargets,
        ...(options.onTally === undefined ? {} : { onTally: options.onTally }),
        log,
      })
      const channel = createMemoryChannel()
      this.master.connect(channel.master)
      agent.attach(channel.worker)
      return agent
    })
  }

  /** Ends the run, if one is on, and all threads. */
  async close(): Promise<void> {
    await this.master.stop('the load tester ends')
    await Promise.all(this.agents.map((agent) => agent.leave()))
    this.master.close()
  }
}
