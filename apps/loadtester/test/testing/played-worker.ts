import { createMemoryChannel, type WorkerChannel } from '../../src/protocol/channel.ts'
import { type MasterMessage, protocolVersion, type RunSnapshot, type Setpoint } from '../../src/protocol/messages.ts'
import { Tally } from '../../src/results/tally.ts'
import { encodeTally } from '../../src/results/tally-codec.ts'
import type { Master } from '../../src/run/master.ts'

export interface PlayedWorkerOptions {
  /** Default: it does. */
  readonly prepares?: boolean
  readonly version?: string
  readonly weight?: number
  /** The run that it has behind it. */
  readonly snapshot?: RunSnapshot
}

/** A worker that a test plays by hand: it prepares what it is told to, and counts what it is told to. */
export class PlayedWorker {
  readonly id: string
  readonly heard: MasterMessage[] = []
  readonly channel: WorkerChannel
  sequence = 0
  /** Why it prepares nothing. */
  refusal: string | undefined

  constructor(master: Master, id: string, options: PlayedWorkerOptions = {}) {
    this.id = id
    const { master: end, worker } = createMemoryChannel()
    this.channel = worker
    worker.onMessage((message) => {
      this.heard.push(message)
      if (message.type === 'prepare' && options.prepares !== false) {
        if (this.refusal === undefined) worker.send({ type: 'prepared', runId: message.runId })
        else this.fail(message.runId, this.refusal, false)
      }
      if (message.type === 'stop' && options.snapshot?.ended !== true) this.report('final', message.runId, 0)
    })
    master.connect(end)
    const { version = '1', weight = 1 } = options
    worker.send({
      type: 'hello',
      protocol: protocolVersion,
      version,
      id,
      name: id,
      weight,
      snapshot: options.snapshot,
    })
  }

  get setpoint(): Setpoint | undefined {
    return this.heard.filter((message) => message.type === 'setpoint').at(-1)?.setpoint
  }

  fail(runId: string, message: string, isCut: boolean): void {
    this.channel.send({ type: 'failed', runId, message, isCut })
  }

  report(type: 'report' | 'final', runId: string, requests: number, users = 0): void {
    const tally = new Tally()
    tally.arrivals = requests
    tally.seriesOf('GET', '/').requests = requests
    const gauges = { users, inFlight: 0, utilization: 0, cpuCores: 0, memoryBytes: 1 }
    const epoch = this.setpoint?.epoch ?? 0
    const report = {
      runId,
      sequence: ++this.sequence,
      epoch,
      windowMs: 1000,
      untilMs: Date.now(),
      tally: encodeTally(tally),
      gauges,
    }
    this.channel.send({ type, report })
  }
}
