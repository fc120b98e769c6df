import type { QueryResult } from '../../../contract/charts.ts'
import { parseDurationSeconds } from '../format/duration-seconds.ts'

const UNITS = [
  { seconds: 604_800, one: 'week', many: 'weeks' },
  { seconds: 86_400, one: 'day', many: 'days' },
  { seconds: 3600, one: 'hour', many: 'hours' },
  { seconds: 60, one: 'minute', many: 'minutes' },
  { seconds: 1, one: 'second', many: 'seconds' },
] as const

/** A chart's `timeshiftDuration` in milliseconds; undefined if there is none. */
export function timeshiftMs(duration: string | undefined): number | undefined {
  const seconds = parseDurationSeconds(duration) ?? 0
  return seconds > 0 ? seconds * 1000 : undefined
}

/** Such as `1 week before`, in the largest unit that divides the shift. */
export function timeshiftText(shiftMs: number): string {
  const seconds = shiftMs / 1000
  const unit = UNITS.find((one) => seconds % one.seconds === 0)
  const count = seconds / (unit?.seconds ?? 1)
  return `${count} ${count === 1 ? unit?.one : (unit?.many ?? 'seconds')} before`
}

/**
 * Shifts a result for an earlier interval to the present. Ends of periods remain ends of periods, so that both lines
 * have the same times.
 */
export function shiftResult(result: QueryResult, shiftMs: number): QueryResult {
  if (!result.series || shiftMs === 0) return result
  const periodMs = result.alignmentPeriodSeconds * 1000
  const moved = (timeMs: number): number =>
    periodMs > 0 ? Math.round((timeMs + shiftMs) / periodMs) * periodMs : timeMs + shiftMs
  return {
    ...result,
    series: result.series.map(({ exemplars, ...series }) => ({ ...series, timesMs: series.timesMs.map(moved) })),
  }
}
