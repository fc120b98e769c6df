import type { WorkerChannel } from '../../src/protocol/channel.ts'
import { createMemoryChannel } from '../../src/protocol/memory-channel.ts'
import { type MasterMessage, PROTOCOL_VERSION, type RunSnapshot } from '../../src/protocol/messages.ts'
import type { Setpoint } from '../../src/protocol/setpoint.ts'
import { Tally } from '../../src/results/tally.ts'
import type { Master } from '../../src/run/master.ts'

export interface PlayedWorkerOptions {
  /** Whether it answers that it is prepared; default: true. */
  readonly prepares?: boolean
  /** Whether it answers when it is asked to start nothing after a moment; default: true. */
  readonly answersFences?: boolean
  readonly version?: string
  readonly weight?: number
  /** The run that it is working on. */
  readonly snapshot?: RunSnapshot
}

/** A worker played by a test: it prepares scripts, and reports what the test says. */
export class PlayedWorker {
  readonly id: string
  readonly heard: MasterMessage[] = []
  readonly channel: WorkerChannel
  sequence = 0
  /** The second that its reports are of; default: the current one. */
  windowMs: number | undefined
  /** How far past a fence it says that it is. */
  lateMs = 0
  /** Why it fails to prepare; undefined if it does not fail. */
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
      if (message.type === 'fence' && options.answersFences !== false)
        worker.send({ type: 'fenced', number: message.number, untilMs: message.startMs + this.lateMs })
      if (message.type === 'stop' && options.snapshot?.ended !== true) this.report('final', message.runId, 0)
    })
    master.fleet.connect(end)
    const { version = '1', weight = 1 } = options
    worker.send({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
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
      windowMs: this.windowMs ?? Math.floor(Date.now() / 1000) * 1000,
      untilMs: Date.now(),
      tally,
      gauges,
    }
    this.channel.send({ type, report })
  }
}
