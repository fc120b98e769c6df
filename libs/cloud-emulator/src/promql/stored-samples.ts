import { bucketBound, type Labels, type SeriesSamples, type TimeWindow } from '@node-to-cloud/promql'
import { type DistributionValue, isDistribution, type PointValue } from '../monitoring/model/point-value.ts'
import type { Series } from '../monitoring/store/series.ts'
import type { DistributionPart } from './metric-names.ts'

/** The samples of one PromQL series while they are being read. */
class Samples {
  readonly timestamps: number[] = []
  readonly values: number[] = []
  readonly startTimestamps: number[] = []

  push(timeMs: number, value: number, startMs: number): void {
    this.timestamps.push(timeMs)
    this.values.push(value)
    this.startTimestamps.push(startMs)
  }

  of(labels: Labels): SeriesSamples {
    const { timestamps, values, startTimestamps } = this
    return { labels, timestamps, values, startTimestamps }
  }
}

/** A point with its values for PromQL: cumulative counts. */
type Visit = (timeMs: number, startMs: number, value: PointValue) => void

/**
 * Visits the points in a window. Those of a DELTA metric are summed up from the first stored one on, so that `rate` and
 * `increase` have counters to work with.
 */
function visitPoints(series: Series, { startMs, endMs }: TimeWindow, visit: Visit): void {
  const isDelta = series.metricKind === 'DELTA'
  const total = new RunningTotal()
  const afterMicros = isDelta ? Number.NEGATIVE_INFINITY : startMs * 1000 - 1
  series.points.visit(afterMicros, endMs * 1000 + 999, (startMicros, endMicros, value) => {
    const timeMs = Math.floor(endMicros / 1000)
    const sum = isDelta ? total.add(value, startMicros) : value
    if (timeMs < startMs) return
    const began = isDelta ? total.startMicros : startMicros === endMicros ? 0 : startMicros
    visit(timeMs, Math.floor(began / 1000), sum)
  })
}

class RunningTotal {
  startMicros = 0
  #number: number | undefined
  #distribution: DistributionValue | undefined

  add(value: PointValue, startMicros: number): PointValue {
    if (!isDistribution(value)) {
      if (this.#number === undefined) this.startMicros = startMicros
      this.#number = (this.#number ?? 0) + Number(value)
      return this.#number
    }
    const before = this.#distribution
    if (before === undefined || before.layout.key !== value.layout.key) {
      this.startMicros = startMicros
      this.#distribution = value
      return value
    }
    const count = before.count + value.count
    const mean = count === 0 ? 0 : (before.mean * before.count + value.mean * value.count) / count
    const counts = Array.from(
      { length: value.layout.buckets },
      (_, i) => (before.counts[i] ?? 0) + (value.counts[i] ?? 0),
    )
    this.#distribution = { ...value, count, mean, counts }
    return this.#distribution
  }
}

/** The samples of a numeric series. */
export function numberSamples(series: Series, labels: Labels, window: TimeWindow): SeriesSamples {
  const samples = new Samples()
  visitPoints(series, window, (timeMs, startMs, value) => samples.push(timeMs, Number(value), startMs))
  return samples.of(labels)
}

/** The samples of a part of a distribution series, like those of a classic histogram: one series per bucket. */
export function distributionSamples(
  series: Series,
  labels: Labels,
  part: DistributionPart,
  window: TimeWindow,
): SeriesSamples[] {
  const byBound = new Map<string, Samples>()
  const samplesOf = (bound: string): Samples => {
    const samples = byBound.get(bound) ?? new Samples()
    byBound.set(bound, samples)
    return samples
  }
  // The layout rarely changes between the points of a series.
  let layout: DistributionValue['layout'] | undefined
  let buckets: readonly Samples[] = []
  visitPoints(series, window, (timeMs, startMs, value) => {
    if (!isDistribution(value)) return
    if (part === 'count') samplesOf('').push(timeMs, value.count, startMs)
    else if (part === 'sum') samplesOf('').push(timeMs, value.count * value.mean, startMs)
    else {
      if (value.layout !== layout) {
        layout = value.layout
        buckets = [...layout.bounds.map((bound) => samplesOf(bucketBound(bound))), samplesOf('+Inf')]
      }
      let below = 0
      for (let i = 0; i < buckets.length; i++) {
        below += value.counts[i] ?? 0
        buckets[i]?.push(timeMs, i === buckets.length - 1 ? value.count : below, startMs)
      }
    }
  })
  return [...byBound].map(([bound, samples]) => samples.of(part === 'bucket' ? labels.with('le', bound) : labels))
}

/** The bucket bounds of a distribution series in a window, as in the `le` label. */
export function bucketBounds(series: Series, window: TimeWindow): Set<string> {
  const layouts = new Set<DistributionValue['layout']>()
  series.points.visit(window.startMs * 1000 - 1, window.endMs * 1000 + 999, (_start, _end, value) => {
    if (isDistribution(value)) layouts.add(value.layout)
  })
  return new Set([...layouts].flatMap(({ bounds }) => [...bounds.map(bucketBound), '+Inf']))
}
