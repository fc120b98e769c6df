import type { WorkerState } from '../contract/api.ts'
import type { MasterChannel } from '../protocol/channel.ts'
import { type Hello, type MasterMessage, NO_GAUGES, PROTOCOL_VERSION } from '../protocol/messages.ts'

/** A worker as its master sees it. */
export class FleetWorker {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly weight: number
  readonly metricsUrl: string | undefined
  /** Undefined once the connection has ended. */
  channel: MasterChannel | undefined
  state: WorkerState = 'idle'
  /** Why it is in this state. */
  message: string | undefined
  gauges = NO_GAUGES
  lagP99 = 0
  /** By `performance.now()`. */
  lastHeardAt = performance.now()
  /** It has announced its departure, and gets no more load. */
  isLeaving = false

  constructor(hello: Hello, channel: MasterChannel) {
    this.id = hello.id
    this.name = hello.name
    this.version = hello.version
    this.weight = hello.weight
    this.metricsUrl = hello.metricsUrl
    this.channel = channel
  }

  send(message: MasterMessage): void {
    this.channel?.send(message)
  }

  /** Whether it makes a share of the load, or has not sent its last report yet. */
  get isWorking(): boolean {
    return this.state === 'running' || this.state === 'stopping'
  }

  /** Whether it can take a share of the load. */
  get isAvailable(): boolean {
    return this.channel !== undefined && !this.isLeaving && (this.state === 'ready' || this.state === 'running')
  }
}

/** Why a worker can't join a master of a version; undefined if it can. */
export function refusalOf(hello: Hello, version: string): string | undefined {
  if (hello.protocol !== PROTOCOL_VERSION || hello.version !== version) {
    return `the worker is loadtester ${hello.version} (protocol ${hello.protocol}), the master ${version} (protocol ${PROTOCOL_VERSION}); use the same version`
  }
  if (!(Number.isFinite(hello.weight) && hello.weight > 0)) return `weight must be above 0, not ${hello.weight}`
  return undefined
}
