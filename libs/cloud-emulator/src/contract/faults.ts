import type { StatusName } from './status.ts'

/** An active fault, as `GET /faults` returns it. Fractions are from 0 to 1. */
export interface Fault {
  readonly id: number
  /** Only calls of these methods, such as `CreateTimeSeries`; empty means all methods. */
  readonly methods: readonly string[]
  /** The status to return without executing the call; undefined if the call is executed. */
  readonly code: StatusName | undefined
  readonly message: string
  readonly latencyMs: number
  /** The call is executed but gets no response. */
  readonly loseAnswer: boolean
  /** The fraction of calls that are affected. */
  readonly share: number
  /**
   * The fraction of a CreateTimeSeries call's series that are rejected with `code`; 0 means the fault applies to whole
   * calls.
   */
  readonly seriesShare: number
  /** Undefined if the fault stays until it is deleted. */
  readonly untilMs: number | undefined
}
