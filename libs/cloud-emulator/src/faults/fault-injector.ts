import { RpcError } from '../api/rpc-error.ts'
import type { Fault } from '../contract/faults.ts'
import type { StatusName } from '../contract/status.ts'
import { parseFault } from './fault.ts'

/** The effect of the active faults on a call. */
export interface CallFault {
  readonly latencyMs: number
  readonly error?: RpcError
  readonly loseAnswer: boolean
}

interface ActiveFault {
  readonly fault: Fault
  readonly calls: ShareCounter
  readonly series: ShareCounter
  hits: number
}

const MAX_FAULTS = 50

/** Keeps the faults that tests set, and decides their effect on each call. */
export class FaultInjector {
  readonly #nowMs: () => number
  readonly #methods = new Set<string>()
  readonly #active = new Map<number, ActiveFault>()
  #nextId = 1

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Adds names that a fault's `methods` may contain. */
  allowMethods(names: Iterable<string>): void {
    for (const name of names) this.#methods.add(name)
  }

  add(json: unknown): Fault {
    this.#expire()
    if (this.#active.size >= MAX_FAULTS)
      throw new RpcError('RESOURCE_EXHAUSTED', `There are already ${MAX_FAULTS} faults; delete some.`)
    const fault = parseFault(json, { id: this.#nextId, nowMs: this.#nowMs(), methods: this.#methods })
    this.#nextId++
    this.#active.set(fault.id, {
      fault,
      calls: new ShareCounter(fault.share),
      series: new ShareCounter(fault.seriesShare),
      hits: 0,
    })
    return fault
  }

  /** The active faults, each with the number of calls or series that it has affected. */
  list(): (Fault & { hits: number })[] {
    this.#expire()
    return [...this.#active.values()].map(({ fault, hits }) => ({ ...fault, hits }))
  }

  /** Deletes one fault, or all. Returns the number of faults deleted. */
  delete(id?: number): number {
    if (id !== undefined) return this.#active.delete(id) ? 1 : 0
    const count = this.#active.size
    this.#active.clear()
    return count
  }

  forCall(method: string): CallFault {
    if (this.#active.size === 0) return { latencyMs: 0, loseAnswer: false }
    this.#expire()
    let latencyMs = 0
    let error: RpcError | undefined
    let loseAnswer = false
    for (const active of this.#active.values()) {
      const { fault, calls } = active
      if (!appliesTo(fault, method)) continue
      if (fault.seriesShare > 0 && fault.latencyMs === 0 && !fault.loseAnswer) continue
      if (!calls.next()) continue
      active.hits++
      latencyMs += fault.latencyMs
      loseAnswer ||= fault.loseAnswer
      if (fault.code !== undefined && fault.seriesShare === 0) error ??= new RpcError(fault.code, fault.message)
    }
    return { latencyMs, loseAnswer, ...(error ? { error } : {}) }
  }

  /** The fault for the next series of a CreateTimeSeries call, if any. */
  forSeries(method: string): { status: StatusName; message: string } | undefined {
    for (const active of this.#active.values()) {
      const { fault, series } = active
      if (fault.code === undefined || fault.seriesShare === 0 || !appliesTo(fault, method) || !series.next()) continue
      active.hits++
      return { status: fault.code, message: fault.message }
    }
    return undefined
  }

  #expire(): void {
    const nowMs = this.#nowMs()
    for (const [id, { fault }] of this.#active)
      if (fault.untilMs !== undefined && fault.untilMs <= nowMs) this.#active.delete(id)
  }
}

function appliesTo(fault: Fault, method: string): boolean {
  return fault.methods.length === 0 || fault.methods.includes(method)
}

/** Picks a fraction of events evenly: 0.5 picks every second one. */
class ShareCounter {
  readonly #share: number
  #sum = 0

  constructor(share: number) {
    this.#share = share
  }

  next(): boolean {
    this.#sum += this.#share
    if (this.#sum < 1 - 1e-9) return false
    this.#sum -= 1
    return true
  }
}
