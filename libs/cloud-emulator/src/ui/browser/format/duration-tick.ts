import { formatCount, formatDurationMs } from '@node-to-cloud/browser-kit/format/value'

/** A duration at a tick of a logarithmic axis: powers of ten stay round above a minute too (`100 s`, not `1.67 min`). */
export function durationTick(ms: number): string {
  return ms < 60_000 ? formatDurationMs(ms) : `${formatCount(ms / 1000)} s`
}
