import type { StatusName } from './status.ts'

/** An active fault, as `GET /faults` gives it. Shares are from 0 to 1. */
export interface Fault {
  readonly id: number
  /** Only calls of these methods, such as `CreateTimeSeries`; empty means all methods. */
  readonly methods: readonly string[]
  /** The status to answer with, without carrying out the call; undefined if the call is carried out. */
  readonly code: StatusName | undefined
  readonly message: string
  readonly latencyMs: number
  /** The call is carried out but never answered. */
  readonly loseAnswer: boolean
  /** The share of calls that are hit. */
  readonly share: number
  /** The share of a CreateTimeSeries call's series that are refused with `code`; 0 means the fault applies to whole calls. */
  readonly seriesShare: number
  /** Undefined if the fault stays until it is deleted. */
  readonly untilMs: number | undefined
}
