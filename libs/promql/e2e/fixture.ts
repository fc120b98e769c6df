import { type FloatHistogram, floatHistogram, fromSpans, type SeriesSamples } from '../src/index.ts'
import { growing, type StoredValue, storedSeries } from '../test/stored-series.ts'

/** The time of the first samples: not a multiple of the step, so that the boundaries of ranges are between samples. */
export const FIRST_MS = 1_700_000_100_000
const JITTER_MS = 137
export const LAST_MS = FIRST_MS + 60 * 60_000

function repeat(value: StoredValue, count: number): StoredValue[] {
  return Array.from({ length: count }, () => value)
}

function shifted(samples: SeriesSamples, byMs: number): SeriesSamples {
  return { ...samples, timestamps: Array.from(samples.timestamps, (time) => time + byMs) }
}

const every30s = (name: string, values: readonly StoredValue[], jitterMs = JITTER_MS): SeriesSamples =>
  shifted(storedSeries(name, values, { stepMs: 30_000 }), FIRST_MS + jitterMs)

const growth = (increments: readonly number[], count: number): number[] =>
  Array.from({ length: count }, (_, i) => (increments[0] ?? 0) + i * (increments[1] ?? 0))

function native(schema: number, count: number, factor: number): FloatHistogram {
  return floatHistogram({
    schema,
    zeroThreshold: 0.001,
    zeroCount: factor,
    count: count * factor,
    sum: 1.5 * count * factor,
    positive: fromSpans(
      [
        { offset: -1, length: 3 },
        { offset: 2, length: 1 },
      ],
      [1, 2, 1, 1].map((one) => one * factor),
    ),
    negative: fromSpans([{ offset: 0, length: 1 }], [factor]),
  })
}

function custom(factor: number): FloatHistogram {
  const positive = fromSpans(
    [{ offset: 0, length: 4 }],
    [1, 2, 2, 1].map((one) => one * factor),
  )
  return floatHistogram({ schema: -53, count: 6 * factor, sum: 9 * factor, customValues: [1, 2, 5], positive })
}

const grown = <T>(count: number, of: (factor: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i + 1))

/** Float series, which every release can store. */
export const NUMBERS: readonly SeriesSamples[] = [
  every30s('requests_total{job="api",instance="a",code="200"}', [...growing(0, 10, 60), ...growing(0, 7, 60)]),
  every30s(
    'requests_total{job="api",instance="a",code="500"}',
    [...growing(0, 1, 40), ...repeat('_', 5), ...growing(3, 2, 60)],
    211,
  ),
  every30s('requests_total{job="api",instance="b",code="200"}', growing(5, 9.5, 120), 17),
  every30s('requests_total{job="web",instance="a",code="200"}', [
    ...growing(0, 3, 30),
    'stale',
    ...repeat('_', 10),
    ...growing(1, 4, 60),
  ]),
  every30s('requests_total{job="web",instance="b",code="404"}', growing(1e300, 1e299, 60)),
  every30s('errors_total{job="api",instance="a"}', growing(0, 0.5, 120)),
  every30s('errors_total{job="api",instance="b"}', [...repeat('_', 60), ...growing(0, 1, 60)]),
  every30s('temperature{room="kitchen",floor="1"}', [
    20,
    21.5,
    19,
    Number.NaN,
    22,
    -3,
    Number.POSITIVE_INFINITY,
    4,
    Number.NEGATIVE_INFINITY,
    5,
    ...growing(20, 0.25, 100),
  ]),
  every30s('temperature{room="hall",floor="1"}', growing(20, -0.5, 120), 401),
  every30s('temperature{room="attic",floor="2"}', [
    1,
    1,
    2,
    3,
    5,
    8,
    13,
    21,
    34,
    55,
    89,
    ...repeat('_', 20),
    ...repeat(7, 80),
  ]),
  every30s('zero{sign="plus"}', repeat(0, 120)),
  every30s('zero{sign="minus"}', repeat(-0, 120)),
  every30s('tiny{size="a"}', growing(1e-300, 1e-302, 120)),
  every30s('tiny{size="b"}', growing(-5e-324, 0, 120)),
  every30s('latency_bucket{job="api",le="0.1"}', growing(0, 1, 120)),
  every30s('latency_bucket{job="api",le="0.5"}', growing(0, 4, 120)),
  every30s('latency_bucket{job="api",le="1"}', growing(0, 6, 120)),
  every30s('latency_bucket{job="api",le="+Inf"}', growing(0, 7, 120)),
  every30s('latency_bucket{job="web",le="0.1"}', growing(0, 2, 120)),
  every30s('latency_bucket{job="web",le="0.5"}', growing(0, 1.5, 120)),
  every30s('latency_bucket{job="web",le="+Inf"}', growing(0, 5, 120)),
  every30s('latency_count{job="api"}', growing(0, 7, 120)),
  every30s('latency_sum{job="api"}', growing(0, 2.25, 120)),
  every30s('seconds{zone="utc"}', growth([1_709_164_800, 86_400 / 4], 120)),
  every30s('target_info{job="api",instance="a",version="1"}', repeat(1, 120)),
  every30s('target_info{job="api",instance="b",version="2"}', repeat(1, 120)),
  every30s('build_info{job="api",instance="a",revision="x"}', repeat(1, 120)),
]

/** Series that 2.42 can't store, or whose samples lie on the boundaries of ranges, which it counts differently. */
export const NEWER: readonly SeriesSamples[] = [
  every30s('aligned_total{job="api"}', growing(0, 3, 120), 0),
  every30s(
    'native{job="api"}',
    grown(120, (factor) => native(0, 7, factor)),
  ),
  every30s('native{job="web"}', [
    ...grown(50, (factor) => native(1, 7, factor)),
    ...grown(50, (factor) => native(1, 7, factor)),
  ]),
  every30s('custom{job="api"}', grown(100, custom)),
  every30s('mixed{job="api"}', [1, 2, 3, native(0, 7, 1), 4, native(0, 7, 2), 5, 6, ...repeat(7, 80)]),
]
