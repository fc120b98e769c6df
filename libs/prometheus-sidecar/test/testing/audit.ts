import type { StoredDistribution, StoredPoint } from './stored-points.ts'

const PREFIX = 'external.googleapis.com/prometheus/'
const BUILT_IN = [
  'up',
  'scrape_samples_scraped',
  'scrape_duration_seconds',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
  'scrape_timeout_seconds',
  'scrape_sample_limit',
  'scrape_body_size_bytes',
]

/** The end of the message about a series that is stored but not expected. */
export const WITHOUT_RAW_SERIES = 'stored without a raw series'

/** Raw samples of one series, from Prometheus' database. */
export interface RawSeries {
  readonly labels: Readonly<Record<string, string>>
  /** Time in milliseconds and value, oldest first. */
  readonly samples: readonly (readonly [timestampMs: number, value: number])[]
}

/** What a target reports about a metric family, from `/api/v1/targets/metadata`. */
export interface TargetMetadata {
  readonly target: Readonly<Record<string, string>>
  readonly metric: string
  readonly type: string
}

type Kind = 'gauge' | 'cumulative' | 'histogram'

/** What a raw series must become, determined independently of the sidecar's code. */
interface Expectation {
  readonly kind: Kind
  readonly key: string
  readonly le?: string
  readonly part?: 'bucket' | 'sum' | 'count'
}

export interface Audit {
  /** Convertible raw samples (a histogram's parts at one time are one). */
  readonly expected: number
  readonly stored: number
  /** Convertible samples without a stored point, as `series @ time`. */
  readonly missing: string[]
  /** Stored points without a raw sample, points stored twice, overlapping intervals, and different values. */
  readonly wrong: string[]
}

/**
 * Compares the stored points with Prometheus' database: each convertible raw sample up to `untilMs` must be stored
 * exactly once, with the right value, and stored increments, adjusted for resets, must equal the raw ones. Only series
 * of these `jobs` are compared.
 */
export function audit(
  raw: readonly RawSeries[],
  metadata: readonly TargetMetadata[],
  stored: readonly StoredPoint[],
  options: {
    readonly untilMs: number
    readonly jobs: readonly string[]
  },
): Audit {
  const missing: string[] = []
  const wrong: string[] = []
  const points = new Map<string, Map<number, StoredPoint>>()
  for (const point of stored) {
    const key = storedKey(point)
    const series = points.get(key) ?? new Map<number, StoredPoint>()
    points.set(key, series)
    if (series.has(point.endMs)) wrong.push(`${key} @ ${point.endMs}: stored twice`)
    series.set(point.endMs, point)
  }
  for (const [key, series] of points) wrong.push(...overlaps(key, series))

  let expected = 0
  const histograms = new Map<string, Map<number, Map<string, number>>>()
  const starts = readReportedStarts(raw)
  for (const series of raw) {
    const job = series.labels.job ?? ''
    if (!options.jobs.includes(job)) continue
    const expectation = expect(series.labels, metadata)
    if (expectation === undefined) continue
    const samples = series.samples.filter(([timestampMs]) => timestampMs <= options.untilMs)
    if (expectation.kind === 'histogram') {
      const times = histograms.get(expectation.key) ?? new Map<number, Map<string, number>>()
      histograms.set(expectation.key, times)
      for (const [timestampMs, value] of samples) {
        const parts = times.get(timestampMs) ?? new Map<string, number>()
        times.set(timestampMs, parts)
        parts.set(expectation.part === 'bucket' ? `le ${expectation.le}` : (expectation.part ?? ''), value)
      }
      continue
    }
    const found = points.get(expectation.key) ?? new Map<number, StoredPoint>()
    const numbers = samples.filter(([, value]) => !Number.isNaN(value))
    const due = expectation.kind === 'gauge' ? numbers : numbers.slice(1)
    expected += due.length
    for (const [timestampMs] of due) if (!found.has(timestampMs)) missing.push(`${expectation.key} @ ${timestampMs}`)
    if (expectation.kind === 'gauge') {
      for (const [timestampMs, value] of numbers) {
        const point = found.get(timestampMs)
        if (point !== undefined && !close(Number(point.value), value)) {
          wrong.push(`${expectation.key} @ ${timestampMs}: ${point.value}, not ${value}`)
        }
      }
    } else {
      wrong.push(
        ...compareIncrements(
          expectation.key,
          numbers.map(([at, value]) => [at, [value]] as const),
          found,
          { starts: starts.get(expectation.key), valuesOf: (point) => [Number(point.value)] },
        ),
      )
    }
    wrong.push(...withoutSample(expectation.key, found, numbers, options.untilMs))
    points.delete(expectation.key)
  }

  for (const [key, times] of histograms) {
    const found = points.get(key) ?? new Map<number, StoredPoint>()
    const whole = [...times]
      .filter(([, parts]) => parts.has('count') && parts.has('sum') && parts.has('le +Inf'))
      .sort(([a], [b]) => a - b)
    const due = whole.slice(1)
    expected += due.length
    for (const [timestampMs] of due) if (!found.has(timestampMs)) missing.push(`${key} @ ${timestampMs}`)
    const bounds = [
      ...new Set(whole.flatMap(([, parts]) => [...parts.keys()].filter((part) => part.startsWith('le ')))),
    ]
      .map((part) => part.slice(3))
      .sort((a, b) => Number(a.replace('+Inf', 'Infinity')) - Number(b.replace('+Inf', 'Infinity')))
    const rawRows = whole.map(
      ([timestampMs, parts]) =>
        [
          timestampMs,
          [parts.get('count') ?? 0, parts.get('sum') ?? 0, ...bounds.map((le) => parts.get(`le ${le}`) ?? 0)],
        ] as const,
    )
    const row = (point: StoredPoint) => {
      const distribution = point.value as StoredDistribution
      let cumulated = 0
      const buckets = bounds.map((_, index) => {
        cumulated += distribution.bucketCounts[index] ?? 0
        return cumulated
      })
      return [distribution.count, distribution.mean * distribution.count, ...buckets]
    }
    wrong.push(
      ...compareIncrements(key, rawRows, found, { starts: starts.get(key), valuesOf: row, contradicts: bucketsFall }),
    )
    wrong.push(
      ...withoutSample(
        key,
        found,
        whole.map(([at]) => [at, 0] as const),
        options.untilMs,
      ),
    )
    points.delete(key)
  }
  for (const [key, series] of points) {
    const job = [...series.values()][0]?.resource.labels.job ?? ''
    if (options.jobs.includes(job)) wrong.push(`${key}: ${WITHOUT_RAW_SERIES}`)
  }
  return { expected, stored: stored.length, missing, wrong }
}

function expect(
  labels: Readonly<Record<string, string>>,
  metadata: readonly TargetMetadata[],
): Expectation | undefined {
  const { __name__: name = '', job = '', instance = '', ...others } = labels
  const own = withPlainNumbers(others)
  const typeOf = (metric: string) =>
    metadata.find((entry) => entry.metric === metric && entry.target.job === job && entry.target.instance === instance)
      ?.type
  const of = (kind: Kind, metric: string, more: Partial<Expectation> = {}): Expectation => {
    const { le: _le, ...withoutLe } = own
    return {
      kind,
      key: seriesKey(`${PREFIX}${metric}`, kind === 'histogram' ? withoutLe : own, job, instance),
      ...more,
    }
  }
  if (BUILT_IN.includes(name)) return of('gauge', name)
  switch (typeOf(name)) {
    case 'counter':
      return of('cumulative', name)
    case 'gauge':
    case 'unknown':
      return of('gauge', name)
    case 'summary':
      return of('gauge', name)
  }
  const suffix = ['_bucket', '_count', '_sum', '_total'].find((ending) => name.endsWith(ending))
  if (suffix === undefined) return undefined
  const family = name.slice(0, -suffix.length)
  const type = typeOf(family)
  if (type === 'counter' && suffix === '_total') return of('cumulative', family)
  if (type === 'summary' && suffix !== '_bucket') return of('cumulative', name)
  if (type !== 'histogram') return undefined
  if (suffix === '_bucket') return of('histogram', family, { part: 'bucket', le: own.le ?? '' })
  return of('histogram', family, { part: suffix === '_sum' ? 'sum' : 'count' })
}

/** Prometheus 3 writes `1.0` where Prometheus 2 wrote `1`: the same series. */
function withPlainNumbers(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) =>
      name === 'le' || name === 'quantile' ? [name, value.replace(/^(\d+)\.0$/, '$1')] : [name, value],
    ),
  )
}

function seriesKey(type: string, labels: Readonly<Record<string, string>>, job: string, instance: string): string {
  const pairs = Object.entries(labels)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .sort()
  return `${type}{${pairs.join(',')}} of ${job}/${instance}`
}

/** The key of the series of a stored point. */
export function storedKey(point: StoredPoint): string {
  const { job = '', task_id: instance = '' } = point.resource.labels
  return seriesKey(point.type, point.labels, job, instance)
}

/** Each interval must start at the same time as the previous one, or after its end. */
function overlaps(key: string, series: ReadonlyMap<number, StoredPoint>): string[] {
  const wrong: string[] = []
  let before: StoredPoint | undefined
  for (const [, point] of [...series].sort(([a], [b]) => a - b)) {
    if (point.startMs !== undefined && before?.startMs !== undefined) {
      if (point.startMs !== before.startMs && point.startMs < before.endMs) {
        wrong.push(`${key} @ ${point.endMs}: starts at ${point.startMs}, inside the previous interval`)
      }
    }
    before = point
  }
  return wrong
}

/** The starts reported by `_created` series, by the key of the series they describe: time of the report to start. */
function readReportedStarts(raw: readonly RawSeries[]): Map<string, ReadonlyMap<number, number>> {
  const suffix = '_created'
  return new Map(
    raw
      .filter(({ labels }) => labels.__name__?.endsWith(suffix) === true)
      .map(({ labels: { __name__: name = '', job = '', instance = '', ...own }, samples }) => [
        seriesKey(`${PREFIX}${name.slice(0, -suffix.length)}`, own, job, instance),
        new Map(samples),
      ]),
  )
}

/**
 * Between two stored points the increment must be the raw one; after a reset a point counts from it. If the target
 * reported a new start in between (`starts`), a new interval is a reset even if no value fell.
 */
function compareIncrements(
  key: string,
  raw: readonly (readonly [timestampMs: number, values: readonly number[]])[],
  found: ReadonlyMap<number, StoredPoint>,
  options: {
    readonly starts: ReadonlyMap<number, number> | undefined
    readonly valuesOf: (point: StoredPoint) => readonly number[]
    /** Whether increments can't belong to one interval, so that there was a reset even if no value fell. */
    readonly contradicts?: (increments: readonly number[]) => boolean
  },
): string[] {
  const { starts, valuesOf, contradicts } = options
  const wrong: string[] = []
  let before: { readonly index: number; readonly point: StoredPoint } | undefined
  for (const [index, [timestampMs, values]] of raw.entries()) {
    const point = found.get(timestampMs)
    if (point === undefined) continue
    let since = before === undefined ? undefined : [...(raw[before.index]?.[1] ?? [])]
    let stored = [...valuesOf(point)]
    const restarted = before !== undefined && point.startMs !== before.point.startMs
    for (let step = (before?.index ?? 0) + 1; step <= index; step++) {
      const [stepMs, earlierMs] = [raw[step]?.[0] ?? 0, raw[step - 1]?.[0] ?? 0]
      if (restarted && starts !== undefined && starts.get(stepMs) !== starts.get(earlierMs)) since = values.map(() => 0)
      const now = raw[step]?.[1] ?? []
      const earlier = raw[step - 1]?.[1] ?? []
      const fell = now.map((value, part) => value < (earlier[part] ?? 0))
      // A sum may fall by itself.
      const isReset = fell.some((itFell, part) => itFell && (contradicts === undefined || part !== SUM))
      if (isReset || (fell.includes(true) && contradicts?.(difference(now, earlier)) === true)) since = now.map(() => 0)
    }
    if (before !== undefined && !restarted) {
      const earlier = valuesOf(before.point)
      stored = stored.map((value, part) => value - (earlier[part] ?? 0))
    }
    if (restarted && since !== undefined && contradicts?.(difference(values, since)) === true)
      since = values.map(() => 0)
    if (since !== undefined) {
      const increments = difference(values, since)
      if (increments.some((increment, part) => !close(increment, stored[part] ?? Number.NaN))) {
        wrong.push(`${key} @ ${timestampMs}: grew by ${JSON.stringify(stored)}, raw by ${JSON.stringify(increments)}`)
      }
    }
    before = { index, point }
  }
  return wrong
}

/** The index of a histogram's sum among its numbers. */
const SUM = 1

function difference(values: readonly number[], since: readonly number[]): number[] {
  return values.map((value, part) => value - (since[part] ?? 0))
}

/** Whether a histogram's increments, of count, sum and cumulative buckets, fall from bucket to bucket. */
function bucketsFall([, , ...buckets]: readonly number[]): boolean {
  return buckets.some((increment, index) => increment < (buckets[index - 1] ?? 0))
}

function withoutSample(
  key: string,
  found: ReadonlyMap<number, StoredPoint>,
  samples: readonly (readonly [timestampMs: number, value: number])[],
  untilMs: number,
): string[] {
  const times = new Set(samples.map(([timestampMs]) => timestampMs))
  return [...found.keys()]
    .filter((endMs) => endMs <= untilMs && !times.has(endMs))
    .map((endMs) => `${key} @ ${endMs}: stored without a raw sample`)
}

function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))
}
