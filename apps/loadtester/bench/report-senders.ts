import { WebSocket } from 'ws'
import { type MasterMessage, PROTOCOL_VERSION, type WorkerMessage } from '../src/protocol/messages.ts'
import { WebSocketChannel } from '../src/protocol/websocket-channel.ts'
import { workerWireFormat } from '../src/protocol/wire-format.ts'
import { Tally } from '../src/results/tally.ts'

const REPORT_INTERVAL_MS = 250
const SERIES = 10

export interface ReportSendersOptions {
  readonly masterUrl: string
  readonly token: string
  readonly version: string
  readonly workers: number
  /** What all of them report together. */
  readonly requestsPerSecond: number
}

/** Workers that make no load, and report one: what a master has to do with many of them. */
export class ReportSenders {
  readonly #channels: WebSocketChannel<WorkerMessage, MasterMessage>[] = []
  readonly #options: ReportSendersOptions
  readonly #timers: NodeJS.Timeout[] = []
  #runId: string | undefined
  /** Requests that were reported. */
  sent = 0

  constructor(options: ReportSendersOptions) {
    this.#options = options
    for (let index = 0; index < options.workers; index++) this.#start(index)
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
    for (const channel of this.#channels) channel.close('the benchmark ends')
  }

  #start(index: number): void {
    const { masterUrl, token, version } = this.#options
    const socket = new WebSocket(`${masterUrl.replace('http', 'ws')}/workers`, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    })
    socket.once('open', () => {
      const channel = new WebSocketChannel(socket, workerWireFormat)
      this.#channels.push(channel)
      const name = `sender-${index + 1}`
      let epoch = 0
      let sequence = 0
      const report = (type: 'report' | 'final'): void => {
        if (this.#runId === undefined || epoch === 0) return
        const tally = this.#tally(type === 'report')
        const untilMs = Date.now()
        const windowMs = Math.floor(untilMs / 1000) * 1000
        const gauges = { users: 10, inFlight: 0, utilization: 0.5, cpuCores: 1, memoryBytes: 1e8 }
        const runId = this.#runId
        channel.send({ type, report: { runId, sequence: ++sequence, epoch, windowMs, untilMs, tally, gauges } })
      }
      channel.onMessage((message) => {
        if (message.type === 'prepare') {
          this.#runId = message.runId
          channel.send({ type: 'prepared', runId: message.runId })
        } else if (message.type === 'setpoint') epoch = message.setpoint.epoch
        else if (message.type === 'fence')
          channel.send({ type: 'fenced', number: message.number, untilMs: message.startMs })
        else if (message.type === 'stop') {
          epoch ||= 1
          report('final')
          epoch = 0
        }
      })
      channel.send({ type: 'hello', protocol: PROTOCOL_VERSION, version, id: name, name, weight: 1 })
      this.#timers.push(
        setInterval(() => channel.send({ type: 'ping', sentMs: Date.now() }), 1000),
        setInterval(() => report('report'), REPORT_INTERVAL_MS),
      )
    })
  }

  #tally(hasRequests: boolean): Tally {
    const tally = new Tally()
    if (!hasRequests) return tally
    const { workers, requestsPerSecond } = this.#options
    const requests = Math.round((requestsPerSecond * REPORT_INTERVAL_MS) / 1000 / workers)
    for (let request = 0; request < requests; request++) {
      const durationMs = 1 + Math.random() * 50
      tally
        .seriesOf('GET', `/items/${request % SERIES}`)
        .addEnd({ durationMs, firstByteMs: durationMs / 2, status: 200, error: undefined, bytes: 1000 })
    }
    tally.arrivals = requests
    this.sent += requests
    return tally
  }
}
