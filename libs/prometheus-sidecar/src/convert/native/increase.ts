import type { NativeBuckets, NativeHistogram } from '../../model/native-histogram.ts'
import { withLayout } from './bucket-layout.ts'

/**
 * Whether a histogram restarted after an earlier one: something in it fell, or its buckets can't be those of the
 * earlier one.
 */
export function hasFallen(before: NativeHistogram, now: NativeHistogram): boolean {
  return now.count < before.count || increaseSince(before, now) === undefined
}

/** What a histogram counted since an earlier one; undefined if their buckets are incompatible or one of them fell. */
export function increaseSince(before: NativeHistogram | undefined, now: NativeHistogram): NativeHistogram | undefined {
  if (before === undefined) return now
  const same = withLayout(before, now)
  if (same === undefined || now.count < same.count || now.zeroCount < same.zeroCount) return undefined
  const positive = subtract(now.positive, same.positive)
  const negative = subtract(now.negative, same.negative)
  if (positive === undefined || negative === undefined) return undefined
  return {
    ...now,
    count: now.count - same.count,
    sum: now.sum - same.sum,
    zeroCount: now.zeroCount - same.zeroCount,
    positive,
    negative,
  }
}

function subtract(now: NativeBuckets, before: NativeBuckets): NativeBuckets | undefined {
  const counts: number[] = []
  let at = 0
  for (const [position, index] of now.indexes.entries()) {
    for (; at < before.indexes.length && (before.indexes[at] ?? 0) < index; at++) {
      if ((before.counts[at] ?? 0) > 0) return undefined
    }
    const had = before.indexes[at] === index ? (before.counts[at++] ?? 0) : 0
    const increase = (now.counts[position] ?? 0) - had
    if (increase < 0) return undefined
    counts.push(increase)
  }
  for (; at < before.indexes.length; at++) if ((before.counts[at] ?? 0) > 0) return undefined
  return { indexes: now.indexes, counts }
}
