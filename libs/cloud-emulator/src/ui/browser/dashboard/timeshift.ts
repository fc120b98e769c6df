import type { QueryResult } from '../../../contract/charts.ts'
import { parseDurationSeconds } from './query-plan.ts'

const units = [
  { seconds: 604_800, one: 'week', many: 'weeks' },
  { seconds: 86_400, one: 'day', many: 'days' },
  { seconds: 3600, one: 'hour', many: 'hours' },
  { seconds: 60, one: 'minute', many: 'minutes' },
  { seconds: 1, one: 'second', many: 'seconds' },
] as const

/** How far back a chart's `timeshiftDuration` looks, in milliseconds; undefined where it compares with nothing. */
export function timeshiftMs(duration: string | undefined): number | undefined {
  const seconds = parseDurationSeconds(duration) ?? 0
  return seconds > 0 ? seconds * 1000 : undefined
}

/** `1 week before`, in the largest unit that divides it. */
export function timeshiftText(shiftMs: number): string {
  const seconds = shiftMs / 1000
  const unit = units.find((one) => seconds % one.seconds === 0)
  const count = seconds / (unit?.seconds ?? 1)
  return `${count} ${count === 1 ? unit?.one : (unit?.many ?? 'seconds')} before`
}

/** An answer about earlier times, moved on to now. Ends of periods stay ends of periods, so that both lines share their times. */
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
