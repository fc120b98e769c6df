import type { AuditedSample } from '../model/audit-trail.ts'

/**
 * How the stored points of a series differ from its raw samples. All counts are 0 if every sample was handled
 * correctly.
 */
export interface Differences {
  /** Raw samples that are neither stored nor counted as dropped. */
  readonly missing: number
  /** Points that were stored more than once for the same time. */
  readonly doubled: number
  /** Points for times at which there is no raw sample. */
  readonly unexpected: number
  /** Points whose value or increment differs from that of the raw samples. */
  readonly wrong: number
}

/** The numbers of a series at one timestamp: one for a gauge or counter, those of all parts for a histogram. */
export interface Row {
  readonly timestampMs: number
  readonly values: readonly number[]
}

/** How the points of a series are compared with its raw samples. */
export interface Comparison {
  readonly cumulative: boolean
  /** Whether values are written as whole numbers. */
  readonly isInteger: boolean
  /** Whether the target reports when it started: then an interval may start without a value having fallen. */
  readonly reportsStart: boolean
  /** The numbers of a stored point, in the same order as those of a {@link Row}. */
  valuesOf(value: AuditedSample['value']): readonly number[]
  /** How many of the last numbers of a row, such as a sum, may fall without a reset. Default: none. */
  readonly mayFall?: number
  /** Whether these increments can't belong to one interval, so that there was a reset although no value fell. */
  contradicts?(increments: readonly number[]): boolean
}

/**
 * Compares what became of the samples of a series with its raw samples, which are ordered from oldest to newest. Times
 * before the first and after the last raw sample are ignored: the database may no longer, or not yet, have them.
 */
export function compare(
  raw: readonly Row[],
  audited: ReadonlyMap<number, AuditedSample>,
  comparison: Comparison,
): Differences {
  const missing = raw.filter(({ timestampMs }) => !audited.has(timestampMs)).length
  const [firstMs, lastMs] = [raw[0]?.timestampMs ?? Number.NaN, raw.at(-1)?.timestampMs ?? Number.NaN]
  const times = new Set(raw.map(({ timestampMs }) => timestampMs))
  let doubled = 0
  let unexpected = 0
  for (const [timestampMs, sample] of audited) {
    if (sample.times === 0 || !(timestampMs >= firstMs && timestampMs <= lastMs)) continue
    doubled += sample.times - 1
    if (!times.has(timestampMs)) unexpected += 1
  }
  return { missing, doubled, unexpected, wrong: countWrong(raw, audited, comparison) }
}

function countWrong(raw: readonly Row[], audited: ReadonlyMap<number, AuditedSample>, comparison: Comparison): number {
  let wrong = 0
  let before: { readonly row: Row; readonly sample: AuditedSample } | undefined
  let previous: Row | undefined
  let fell = false
  for (const row of raw) {
    fell ||= previous !== undefined && hasFallen(previous.values, row.values, comparison)
    previous = row
    const sample = audited.get(row.timestampMs)
    if (sample === undefined || sample.times === 0) continue
    const isRight = comparison.cumulative
      ? before === undefined || hasSameIncrease(row, sample, { ...before, fell }, comparison)
      : isClose(comparison.valuesOf(sample.value), row.values, row.values, comparison)
    if (!isRight) wrong += 1
    before = { row, sample }
    fell = false
  }
  return wrong
}

function hasFallen(
  before: readonly number[],
  now: readonly number[],
  { mayFall = 0, contradicts }: Comparison,
): boolean {
  const fell = now.map((value, part) => value < (before[part] ?? value))
  if (fell.slice(0, fell.length - mayFall).includes(true)) return true
  return fell.includes(true) && contradicts?.(subtract(now, before)) === true
}

/**
 * Whether the increment of a point over the one before it equals that of the raw samples since then, or since their
 * reset.
 */
function hasSameIncrease(
  row: Row,
  sample: AuditedSample,
  { row: earlierRow, sample: earlier, fell }: { row: Row; sample: AuditedSample; fell: boolean },
  comparison: Comparison,
): boolean {
  const stored = comparison.valuesOf(sample.value)
  const raw = row.values
  const grown = subtract(raw, earlierRow.values)
  if (sample.startMs === earlier.startMs) {
    return !fell && isClose(subtract(stored, comparison.valuesOf(earlier.value)), grown, raw, comparison)
  }
  const mayStartFromZero = fell || comparison.reportsStart || comparison.contradicts?.(grown) === true
  return (
    (mayStartFromZero && isClose(stored, raw, raw, comparison)) || (!fell && isClose(stored, grown, raw, comparison))
  )
}

function subtract(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, part) => value - (b[part] ?? 0))
}

/** Whether numbers are equal except for rounding errors, which grow with the size of the raw numbers. */
function isClose(
  a: readonly number[],
  b: readonly number[],
  raw: readonly number[],
  { isInteger }: Pick<Comparison, 'isInteger'>,
): boolean {
  return a.every((value, part) => {
    const other = b[part] ?? Number.NaN
    const allowed = isInteger ? 1 : 1e-9 * Math.max(1, Math.abs(other), Math.abs(raw[part] ?? 0))
    return Object.is(value, other) || value === other || Math.abs(value - other) <= allowed
  })
}
