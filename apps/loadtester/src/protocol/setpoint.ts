import type { LoadModel } from '../contract/run-report.ts'
import { ArrivalSequence, type ArrivalShare } from '../load/arrivals.ts'
import { seedOf } from '../load/poisson.ts'
import { type ArrivalMode, LoadProfile } from '../load/profile.ts'

/** What all workers of a run do from a moment on. Each one has a higher epoch than the one before. */
export interface Setpoint {
  readonly runId: string
  readonly epoch: number
  readonly model: LoadModel
  /** When the run began, on the fleet's clock, in ms; 0 before its first setpoint. */
  readonly runStartMs: number
  /** How long the run had been under load by `startMs`. */
  readonly activeMs: number
  /** Time 0 of the segments on the fleet's clock, in ms. */
  readonly startMs: number
  /** Open model: arrivals of the fleet that were due before. */
  readonly firstPosition: number
  /** The load from `startMs` on. */
  readonly segments: readonly SegmentData[]
  /** While paused: the rest of the load, so that any master can resume it. */
  readonly paused?: readonly SegmentData[] | undefined
  /** All workers, in one order; `users` is what each one has now (closed model). */
  readonly workers: readonly { readonly id: string; readonly weight: number; readonly users: number }[]
  /** Limit of concurrent virtual users over the fleet, whatever the segments say. */
  readonly maximumUsers: number
}

/** A segment of a load profile as JSON; without end, its duration is null. */
export interface SegmentData {
  readonly durationSeconds: number | null
  readonly from: number
  readonly to: number
  readonly mode?: ArrivalMode | undefined
  readonly maximumUsers?: number | undefined
}

/** The segments of a profile as JSON; {@link profileOf} is the inverse. */
export function segmentsOf(profile: LoadProfile): SegmentData[] {
  return profile.segments.map((segment) => ({
    ...segment,
    durationSeconds: Number.isFinite(segment.durationSeconds) ? segment.durationSeconds : null,
  }))
}

/** The profile that has these segments. */
export function profileOf(segments: readonly SegmentData[]): LoadProfile {
  return new LoadProfile(
    segments.map((data) => ({ ...data, durationSeconds: data.durationSeconds ?? Number.POSITIVE_INFINITY })),
  )
}

/** A worker's share of a setpoint; its index is -1 if it has none. */
export function shareOf({ workers }: Setpoint, workerId: string): ArrivalShare {
  return { weights: workers.map(({ weight }) => weight), worker: workers.findIndex(({ id }) => id === workerId) }
}

/** A worker's arrivals in a setpoint of the open model. */
export function arrivalsOf(setpoint: Setpoint, workerId: string): ArrivalSequence {
  const { segments, firstPosition, runId } = setpoint
  return new ArrivalSequence(profileOf(segments), shareOf(setpoint, workerId), firstPosition, seedOf(runId))
}
