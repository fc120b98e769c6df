import type { Distribution, Point } from './time-series.ts'

/** What became of a sample. */
export interface AuditedSample {
  /** How many times a point was stored for it; 0: it was dropped and counted. */
  readonly times: number
  /** The newest of these points. */
  readonly startMs: number
  readonly value: number | Distribution
}

/** What became of each sample of a series after a certain time. */
export class AuditTrail {
  /** Samples up to this time are not recorded. */
  readonly afterMs: number
  readonly samples = new Map<number, AuditedSample>()

  constructor(afterMs: number) {
    this.afterMs = afterMs
  }

  /** Whether this settled sample was never accepted. */
  isMissing(timestampMs: number): boolean {
    return timestampMs > this.afterMs && !this.samples.has(timestampMs)
  }

  /** Records a settled sample: with the point that was stored for it, or without one. */
  settled(timestampMs: number, point: Point | undefined): void {
    if (timestampMs <= this.afterMs) return
    const before = this.samples.get(timestampMs)
    if (point === undefined) {
      if (before === undefined) this.samples.set(timestampMs, NOT_STORED)
      return
    }
    const { startMs = Number.NaN, value } = point
    this.samples.set(timestampMs, { times: (before?.times ?? 0) + 1, startMs, value })
  }
}

const NOT_STORED: AuditedSample = { times: 0, startMs: Number.NaN, value: Number.NaN }

/** A series, or a histogram of several series, whose samples are watched until they are settled. */
export interface WatchedSeries {
  readonly kind: 'gauge' | 'counter' | 'histogram'
  /** Whether its values are written as whole numbers. */
  readonly isInteger: boolean
  readonly trail: AuditTrail
  /** The labels of the series, in the form of `encodeLabels`; for a histogram, those of its `_count`. */
  readonly labels: Buffer
  /** The series of a histogram, in no particular order; empty for other series. */
  parts(): readonly WatchedPart[]
  /** Time of its newest settled sample. */
  readonly settledMs: number
  /** Whether its target reports when it started. */
  readonly reportsStart: boolean
  /** Ends the trail. */
  release(): void
}

export interface WatchedPart {
  readonly role: 'bucket' | 'sum' | 'count'
  /** Upper bound of a bucket. */
  readonly bound: number
  readonly labels: Buffer
}
