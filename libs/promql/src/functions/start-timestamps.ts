/** A sample's timestamp and start timestamp (zero if not known), in milliseconds since 1970. */
export interface Counted {
  readonly time: number
  readonly start: number
}

/**
 * Whether the counter restarted between two samples, by their start timestamps. A start timestamp equal to the sample's
 * own timestamp means that the start is not known; one equal to the previous sample's timestamp means that the value
 * counts from that sample on.
 */
export function isStartReset(previous: Counted, current: Counted): boolean {
  if (previous.start === current.start || current.start === 0 || current.start >= current.time) return false
  if (current.start !== previous.time) return current.start > previous.time
  if (previous.start > previous.time) return false
  return previous.start !== 0 && previous.start !== previous.time
}

/** Whether the counter restarted after a time and before the sample. */
export function isStartResetAfter(time: number, sample: Counted): boolean {
  if (sample.start <= time || sample.time <= time) return false
  return isStartReset({ time, start: time }, sample)
}

/** Whether a sample's start timestamp is before the previous sample, although the two have different ones. */
export function startsOverlap(previous: Counted, current: Counted): boolean {
  return current.start !== 0 && current.start < previous.time && current.start !== previous.start
}
