import { readFileSync } from 'node:fs'
import type { SeededRandom } from '../test/testing/seeded-random.ts'
import { type StoredPoint, trimZeros } from '../test/testing/stored-points.ts'
import { compress, encodeWriteRequest, sortedLabels } from '../test/testing/write-request-encoder.ts'

interface GoldenInput {
  /** Responses of Prometheus' `/api/v1/targets` and `/api/v1/targets/metadata`. */
  readonly targets: { readonly data: unknown }
  readonly metadata: { readonly data: readonly GoldenMetadata[] }
  readonly samples: readonly { readonly metric: Record<string, string>; readonly values: readonly [number, string][] }[]
}

export interface GoldenMetadata {
  readonly target: Record<string, string>
  readonly metric: string
  readonly type: string
}

const read = (name: string) => readFileSync(new URL(`../testdata/golden/${name}`, import.meta.url), 'utf8')

export const GOLDEN_INPUT: GoldenInput = JSON.parse(read('flask.input.json'))

const sampleTimesMs = new Set(
  GOLDEN_INPUT.samples.flatMap(({ values }) => values.map(([seconds]) => Math.round(seconds * 1000))),
)
const samplesEndMs = Math.max(...sampleTimesMs)

/** Maps a golden time to the time at which it is sent, or at which it must be stored. */
export type GoldenClock = (timeMs: number) => number

/**
 * Moves the golden times so that the last one is a minute old, since Cloud Monitoring accepts nothing older than 25 h.
 */
export function goldenClock(): GoldenClock {
  const shiftMs = Date.now() - 60_000 - samplesEndMs
  return (timeMs) => timeMs + shiftMs
}

/** The same with twice the time between samples: some are 4.994 s apart, and Cloud Monitoring requires 5 s. */
export function slowGoldenClock(): GoldenClock {
  const endMs = Date.now() - 60_000
  // A reset starts 1 ms before its sample, whatever the time between samples.
  return (timeMs) => {
    const sampleMs = sampleTimesMs.has(timeMs) ? timeMs : timeMs + 1
    return endMs - 2 * (samplesEndMs - sampleMs) - (sampleMs - timeMs)
  }
}

/** The points that must be stored. Google's sidecar saw one scrape more than the input contains. */
export function goldenPoints(clock: GoldenClock): StoredPoint[] {
  return read('flask.output.jsonl')
    .trim()
    .split('\n')
    .map((line) => plainGolden(JSON.parse(line), clock))
    .filter((point) => point.endMs <= clock(samplesEndMs))
}

interface GoldenTime {
  readonly seconds: string
  readonly nanos?: number
}

interface GoldenLine {
  readonly type: string
  readonly labels: Record<string, string>
  readonly resource: { type: string; labels: Record<string, string> }
  readonly metric_kind: string
  readonly value_type: string
  readonly interval: { start_time?: GoldenTime; end_time: GoldenTime }
  readonly value: {
    double_value?: number
    int64_value?: string
    distribution_value?: {
      count: string
      mean: number
      sum_of_squared_deviation: number
      bucket_options: { explicit_buckets: { bounds: number[] } }
      bucket_counts: string[]
    }
  }
}

function plainGolden(line: GoldenLine, clock: GoldenClock): StoredPoint {
  const distribution = line.value.distribution_value
  return {
    type: line.type,
    labels: line.labels,
    resource: line.resource,
    metricKind: line.metric_kind,
    valueType: line.value_type,
    startMs:
      line.metric_kind === 'GAUGE' || line.interval.start_time === undefined
        ? undefined
        : clock(timeMs(line.interval.start_time)),
    endMs: clock(timeMs(line.interval.end_time)),
    value:
      distribution === undefined
        ? Number(line.value.double_value ?? line.value.int64_value ?? 0)
        : {
            count: Number(distribution.count),
            mean: distribution.mean,
            sumOfSquaredDeviation: distribution.sum_of_squared_deviation,
            bounds: distribution.bucket_options.explicit_buckets.bounds,
            bucketCounts: trimZeros(distribution.bucket_counts.map(Number)),
          },
  }
}

function timeMs({ seconds, nanos = 0 }: GoldenTime): number {
  return Number(seconds) * 1000 + Math.round(nanos / 1_000_000)
}

/**
 * The golden samples as remote_write requests: series are distributed over shards, and the samples of each shard, in
 * order of time, are divided into requests of random size.
 */
export function goldenRequests(shards: number, clock: GoldenClock, random: SeededRandom): Buffer[][] {
  const byShard: { labels: Record<string, string>; timestamp: number; value: number }[][] = Array.from(
    { length: shards },
    () => [],
  )
  for (const { metric, values } of GOLDEN_INPUT.samples) {
    const shard = byShard[random.below(shards)] ?? []
    for (const [seconds, value] of values) {
      shard.push({ labels: metric, timestamp: clock(Math.round(seconds * 1000)), value: Number(value) })
    }
  }
  return byShard.map((samples) => {
    const inOrder = samples.sort((a, b) => a.timestamp - b.timestamp)
    const requests: Buffer[] = []
    while (inOrder.length > 0) {
      const timeseries = inOrder
        .splice(0, 1 + random.below(120))
        .map(({ labels, timestamp, value }) => ({ labels: sortedLabels(labels), samples: [{ timestamp, value }] }))
      requests.push(compress(encodeWriteRequest({ timeseries })))
    }
    return requests
  })
}
