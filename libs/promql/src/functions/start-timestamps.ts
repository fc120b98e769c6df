/** A sample's time, and when its counting began: zero if that is not known, in milliseconds since 1970. */
export interface Counted {
  readonly time: number
  readonly start: number
}

/**
 * Whether counting restarted between two samples, by their start timestamps. A start at the sample's own time says
 * that the start is not known; one at the time of the sample before says that it counts from that sample on.
 */
export function isStartReset(previous: Counted, current: Counted): boolean {
  if (previous.start === current.start || current.start === 0 || current.start >= current.time) return false
  if (current.start !== previous.time) return current.start > previous.time
  if (previous.start > previous.time) return false
  return previous.start !== 0 && previous.start !== previous.time
}

/** Whether counting restarted after a time and before the sample. */
export function isStartResetAfter(time: number, sample: Counted): boolean {
  if (sample.start <= time || sample.time <= time) return false
  return isStartReset({ time, start: time }, sample)
}

/** Whether a sample counts from before the sample before it, though not from the same start. */
export function startsOverlap(previous: Counted, current: Counted): boolean {
  return current.start !== 0 && current.start < previous.time && current.start !== previous.start
}
