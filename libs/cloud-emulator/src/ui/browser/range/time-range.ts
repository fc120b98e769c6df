/** A page's time range: a number of seconds until now, or a fixed interval. */
export type TimeRange =
  | { readonly kind: 'last'; readonly seconds: number }
  | { readonly kind: 'between'; readonly startMs: number; readonly endMs: number }

/** The available ranges, shortest first. */
export const OFFERED_RANGES: readonly { readonly text: string; readonly seconds: number; readonly label: string }[] = [
  { text: '5m', seconds: 300, label: '5 min' },
  { text: '15m', seconds: 900, label: '15 min' },
  { text: '1h', seconds: 3600, label: '1 h' },
  { text: '3h', seconds: 10_800, label: '3 h' },
  { text: '6h', seconds: 21_600, label: '6 h' },
]

export const DEFAULT_RANGE: TimeRange = { kind: 'last', seconds: 900 }

/** With less data most of the default range would be empty. */
const RECENT_DATA_MS = 600_000
const RECENT_DATA_RANGE: TimeRange = { kind: 'last', seconds: 300 }

/** The range if none is chosen: it fits the data. */
export function fittingRange(firstPointMs: number | null | undefined, nowMs: number): TimeRange {
  const isRecent = typeof firstPointMs === 'number' && nowMs - firstPointMs < RECENT_DATA_MS
  return isRecent ? RECENT_DATA_RANGE : DEFAULT_RANGE
}

const MIN_ZOOM_MS = 60_000
const MAX_SECONDS = 30 * 86_400

/** Parses `15m`, `1h`, `90s`, `now-15m` or `START-END` in epoch milliseconds; undefined for anything else. */
export function parseTimeRange(text: string): TimeRange | undefined {
  const last = /^(?:now-)?(\d{1,7})([smhd])$/.exec(text)
  if (last) {
    const factor = { s: 1, m: 60, h: 3600, d: 86_400 }[last[2] ?? 's'] ?? 1
    const seconds = Number(last[1]) * factor
    return seconds > 0 && seconds <= MAX_SECONDS ? { kind: 'last', seconds } : undefined
  }
  const between = /^(\d{10,15})-(\d{10,15})$/.exec(text)
  if (!between) return undefined
  const startMs = Number(between[1])
  const endMs = Number(between[2])
  return startMs < endMs ? { kind: 'between', startMs, endMs } : undefined
}

/** The inverse of {@link parseTimeRange}. */
export function formatTimeRange(range: TimeRange): string {
  if (range.kind === 'between') return `${Math.round(range.startMs)}-${Math.round(range.endMs)}`
  const { seconds } = range
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`
  if (seconds % 3600 === 0) return `${seconds / 3600}h`
  if (seconds % 60 === 0) return `${seconds / 60}m`
  return `${seconds}s`
}

/**
 * The start and end of a range at `nowMs`. In whole milliseconds, as in queries: the newest point ends with the range,
 * and beyond it would not be included in the height of a chart.
 */
export function endsOf(range: TimeRange, nowMs: number): { startMs: number; endMs: number } {
  if (range.kind === 'between') return { startMs: range.startMs, endMs: range.endMs }
  const endMs = Math.floor(nowMs)
  return { startMs: endMs - range.seconds * 1000, endMs }
}

/** The range between two times in either order, at least a minute long, for dragging over a chart. */
export function zoomTo(oneMs: number, otherMs: number): TimeRange {
  const startMs = Math.round(Math.min(oneMs, otherMs))
  const endMs = Math.round(Math.max(oneMs, otherMs))
  const lacking = Math.max(0, MIN_ZOOM_MS - (endMs - startMs))
  return { kind: 'between', startMs: startMs - Math.ceil(lacking / 2), endMs: endMs + Math.ceil(lacking / 2) }
}

/** A range twice as long with the same centre; one that ends now still ends now. */
export function zoomOut(range: TimeRange, nowMs: number): TimeRange {
  if (range.kind === 'last') return { kind: 'last', seconds: Math.min(range.seconds * 2, MAX_SECONDS) }
  const half = (range.endMs - range.startMs) / 2
  const endMs = range.endMs + half
  if (endMs >= nowMs) return { kind: 'last', seconds: Math.ceil((half * 4) / 60_000) * 60 }
  return { kind: 'between', startMs: range.startMs - half, endMs }
}
