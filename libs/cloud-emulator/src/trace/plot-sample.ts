import type { TracePlot, TraceSummary } from '../contract/traces.ts'

/** The number of slowest traces that a plot always has. */
const SLOWEST = 50
/** The interval is divided into this many parts, each of which gets its share of the points. */
const PARTS = 200

/**
 * Chooses the traces to plot: the slowest, the failed ones, and others evenly over the interval, so that a burst does
 * not use up the points of quieter times. At most half of the points are failed traces; if there are more, they are
 * sampled evenly too.
 */
export function plotSample(
  found: readonly TraceSummary[],
  { startMs, endMs, limit }: { readonly startMs: number; readonly endMs: number; readonly limit: number },
): TracePlot {
  const inTime = found.toSorted((a, b) => a.startMs - b.startMs)
  const failed = inTime.filter(({ errors }) => errors > 0)
  const chosen = new Set<TraceSummary>()
  if (inTime.length <= limit) for (const trace of inTime) chosen.add(trace)
  else {
    const slowest = inTime.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, Math.min(SLOWEST, limit))
    for (const trace of slowest) chosen.add(trace)
    const interval = { startMs, endMs }
    for (const trace of spread(failed, Math.floor((limit - chosen.size) / 2), interval)) chosen.add(trace)
    const others = inTime.filter((trace) => !chosen.has(trace) && trace.errors === 0)
    for (const trace of spread(others, limit - chosen.size, interval)) chosen.add(trace)
  }
  const shown = inTime.filter((trace) => chosen.has(trace))
  return {
    points: shown.map(({ traceId, rootName, services, startMs: at, durationMs, errors }) => ({
      traceId,
      name: rootName || services.join(', '),
      startMs: at,
      durationMs,
      failed: errors > 0,
    })),
    failed: failed.length,
    failedShown: shown.filter(({ errors }) => errors > 0).length,
  }
}

/** At most `count` of the traces, the same number from each part of the interval as far as possible. */
function spread(
  traces: readonly TraceSummary[],
  count: number,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): readonly TraceSummary[] {
  if (traces.length <= count) return traces
  const first = Number.isFinite(startMs) ? startMs : (traces[0]?.startMs ?? 0)
  const last = Number.isFinite(endMs) ? endMs : (traces.at(-1)?.startMs ?? 0)
  const parts: TraceSummary[][] = Array.from({ length: PARTS }, () => [])
  for (const trace of traces) {
    const part = Math.floor(((trace.startMs - first) / (last - first || 1)) * PARTS)
    parts[Math.min(PARTS - 1, Math.max(0, part))]?.push(trace)
  }
  let left = count
  const filled = parts.filter((part) => part.length > 0).sort((a, b) => a.length - b.length)
  return filled.flatMap((part, index) => {
    const share = Math.ceil(left / (filled.length - index))
    const kept = evenSample(part, Math.min(share, left))
    left -= kept.length
    return kept
  })
}

/** `count` evenly spaced traces. */
function evenSample(traces: readonly TraceSummary[], count: number): readonly TraceSummary[] {
  if (traces.length <= count) return traces
  return Array.from({ length: count }, (_, index) => traces[Math.floor((index * traces.length) / count)]).filter(
    (trace) => trace !== undefined,
  )
}
