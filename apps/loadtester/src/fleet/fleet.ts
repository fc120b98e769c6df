import type { MasterChannel } from '../protocol/channel.ts'
import { silenceMs, type WorkerGauges, type WorkerState } from '../protocol/messages.ts'

/** A worker, as the master knows it. */
export interface FleetWorker {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly weight: number
  readonly metricsUrl: string | undefined
  readonly joinedMs: number
  channel: MasterChannel | undefined
  state: WorkerState | 'lost' | 'left'
  /** Why it is in this state, where there is something to say. */
  message: string | undefined
  gauges: WorkerGauges
  lagP99: number
  lastHeardAt: number
  /** It said goodbye: it gets no more load. */
  leaving: boolean
}

const noGauges: WorkerGauges = { users: 0, inFlight: 0, utilization: 0, cpuCores: 0, memoryBytes: 0 }
const maximumGone = 50

/** The workers of a master, those that are gone too (for a while), in the order in which they came. */
export class Fleet {
  readonly #workers = new Map<string, FleetWorker>()

  /** Adds a worker, or takes one back that was gone. */
  join(
    worker: Pick<FleetWorker, 'id' | 'name' | 'version' | 'weight' | 'metricsUrl' | 'joinedMs'>,
    channel: MasterChannel,
  ): FleetWorker {
    const joined: FleetWorker = {
      ...worker,
      channel,
      state: 'idle',
      message: undefined,
      gauges: noGauges,
      lagP99: 0,
      lastHeardAt: performance.now(),
      leaving: false,
    }
    this.#workers.set(worker.id, joined)
    this.#forgetOldest()
    return joined
  }

  get(id: string): FleetWorker | undefined {
    return this.#workers.get(id)
  }

  get all(): FleetWorker[] {
    return [...this.#workers.values()]
  }

  /** Those that are connected. */
  get present(): FleetWorker[] {
    return this.all.filter((worker) => worker.channel !== undefined)
  }

  /** Those that can take a part of a load now. */
  get able(): FleetWorker[] {
    return this.present.filter((worker) => !worker.leaving && (worker.state === 'ready' || worker.state === 'running'))
  }

  /**
   * Hangs up on those that have said nothing for too long.
   *
   * @param now by `performance.now()`.
   * @param stalledMs for how long this process stood still: that silence is not theirs.
   */
  closeSilent(now: number, stalledMs: number): void {
    for (const worker of this.present) {
      worker.lastHeardAt += stalledMs
      if (now - worker.lastHeardAt > silenceMs) worker.channel?.close('it is silent')
    }
  }

  /** How many workers there are in each state. */
  countByState(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { state } of this.#workers.values()) counts.set(state, (counts.get(state) ?? 0) + 1)
    return counts
  }

  #forgetOldest(): void {
    const gone = this.all.filter((worker) => worker.channel === undefined)
    for (const worker of gone.slice(0, Math.max(0, gone.length - maximumGone))) this.#workers.delete(worker.id)
  }
}
