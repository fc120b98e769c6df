/** How arrivals are spread by their rate: evenly, or at random as those of independent people (a Poisson process). */
export type ArrivalMode = 'uniform' | 'poisson'

/** A stretch of time in which the level moves in a straight line. */
export interface LoadSegment {
  /** Length in seconds; `Infinity` only for the last segment of a profile, which then has to be level. */
  readonly durationSeconds: number
  /** Level at the start: arrivals a second in the open model, users in the closed one. */
  readonly from: number
  /** Level at the end. */
  readonly to: number
  /** Of arrivals; default: evenly. */
  readonly mode?: ArrivalMode | undefined
  /** At most so many virtual users at once while it lasts; default: no bound of its own. */
  readonly maximumUsers?: number | undefined
}

/**
 * A load over time: a level (arrivals a second, or users), piecewise linear, and its integral.
 *
 * All times are seconds since the profile's start. After its end the level is 0.
 */
export class LoadProfile {
  readonly segments: readonly LoadSegment[]
  /** Length of the whole profile; `Infinity` when it has no end. */
  readonly durationSeconds: number
  readonly #starts: readonly number[]
  readonly #areas: readonly number[]

  /** @throws RangeError for a negative or non-finite level, a negative duration, or an endless segment that is not a level last one. */
  constructor(segments: readonly LoadSegment[]) {
    const starts: number[] = []
    const areas: number[] = []
    let time = 0
    let area = 0
    for (const [index, segment] of segments.entries()) {
      checkSegment(segment, index === segments.length - 1)
      starts.push(time)
      areas.push(area)
      time += segment.durationSeconds
      area += segment.from + segment.to === 0 ? 0 : ((segment.from + segment.to) / 2) * segment.durationSeconds
    }
    this.segments = segments
    this.durationSeconds = time
    this.#starts = starts
    this.#areas = areas
  }

  /** The same level for ever. */
  static constant(level: number): LoadProfile {
    return new LoadProfile([{ durationSeconds: Number.POSITIVE_INFINITY, from: level, to: level }])
  }

  /** The level at a time. */
  levelAt(seconds: number): number {
    const index = this.#segmentAt(seconds)
    const segment = this.segments[index]
    const start = this.#starts[index]
    if (segment === undefined || start === undefined || seconds < 0 || seconds >= this.durationSeconds) return 0
    if (segment.from === segment.to) return segment.from
    return segment.from + ((segment.to - segment.from) * (seconds - start)) / segment.durationSeconds
  }

  /** How arrivals are spread at a time. */
  modeAt(seconds: number): ArrivalMode {
    return this.segments[this.#segmentAt(seconds)]?.mode ?? 'uniform'
  }

  /** At most so many virtual users at once at a time. */
  maximumUsersAt(seconds: number): number {
    return this.segments[this.#segmentAt(seconds)]?.maximumUsers ?? Number.POSITIVE_INFINITY
  }

  /** The integral of the level from the start to a time: in the open model, how many arrivals were due by then. */
  areaAt(seconds: number): number {
    const index = this.#segmentAt(seconds)
    const segment = this.segments[index]
    const start = this.#starts[index]
    const area = this.#areas[index]
    if (segment === undefined || start === undefined || area === undefined) return 0
    const inside = Math.min(Math.max(0, seconds - start), segment.durationSeconds)
    if (segment.from === segment.to) return area + (segment.from === 0 ? 0 : segment.from * inside)
    const slope = (segment.to - segment.from) / segment.durationSeconds
    return area + segment.from * inside + (slope * inside * inside) / 2
  }

  /** When the integral has reached `area` and rises on: behind a stretch of level 0, its end. `Infinity` if that is never. */
  timeOfArea(area: number): number {
    let low = 0
    let high = this.segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#areas[middle] ?? 0) <= area) low = middle
      else high = middle - 1
    }
    const segment = this.segments[low]
    if (segment === undefined) return Number.POSITIVE_INFINITY
    const start = this.#starts[low] ?? 0
    const rest = Math.max(0, area - (this.#areas[low] ?? 0))
    const inside = timeInside(segment, rest)
    return inside <= segment.durationSeconds * (1 + 1e-12) ? start + inside : Number.POSITIVE_INFINITY
  }

  /** What is left of the profile after a time; its own time 0 is that time. */
  after(seconds: number): LoadProfile {
    const rest: LoadSegment[] = []
    for (const [index, segment] of this.segments.entries()) {
      const start = this.#starts[index] ?? 0
      if (start + segment.durationSeconds <= seconds) continue
      const passed = Math.max(0, seconds - start)
      rest.push(
        passed === 0
          ? segment
          : { ...segment, durationSeconds: segment.durationSeconds - passed, from: this.levelAt(seconds) },
      )
    }
    return new LoadProfile(rest)
  }

  /** The last segment that starts at or before the time. */
  #segmentAt(seconds: number): number {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= seconds) low = middle
      else high = middle - 1
    }
    return low
  }
}

function timeInside(segment: LoadSegment, area: number): number {
  if (segment.from === 0 && segment.to === 0) return Number.POSITIVE_INFINITY
  if (area === 0) return 0
  if (segment.from === segment.to) return area / segment.from
  const slope = (segment.to - segment.from) / segment.durationSeconds
  const root = segment.from * segment.from + 2 * slope * area
  if (root < 0) return root > -1e-9 ? segment.durationSeconds : Number.POSITIVE_INFINITY
  // This form of the quadratic formula keeps its precision where the slope is tiny.
  return (2 * area) / (segment.from + Math.sqrt(root))
}

function checkSegment(segment: LoadSegment, isLast: boolean): void {
  for (const level of [segment.from, segment.to]) {
    if (!Number.isFinite(level) || level < 0)
      throw new RangeError(`a load level must be a finite number of at least 0, not ${level}`)
  }
  const { durationSeconds } = segment
  if (Number.isNaN(durationSeconds) || durationSeconds < 0) {
    throw new RangeError(`a duration must be a number of at least 0 seconds, not ${durationSeconds}`)
  }
  if (durationSeconds === Number.POSITIVE_INFINITY && !(isLast && segment.from === segment.to)) {
    throw new RangeError('only the last stretch of a load can be endless, and it has to be level')
  }
}
