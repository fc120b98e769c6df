/** How arrivals are spaced: evenly, or at random like those of independent people (a Poisson process). */
export type ArrivalMode = 'uniform' | 'poisson'

/** A stretch of time in which the level changes linearly. */
export interface LoadSegment {
  /** `Infinity` is allowed only for the last segment of a profile, which must then be flat. */
  readonly durationSeconds: number
  /** Level at the start: arrivals a second in the open model, users in the closed one. */
  readonly from: number
  /** Level at the end. */
  readonly to: number
  /** Default: uniform. */
  readonly mode?: ArrivalMode | undefined
  /** Limit of concurrent virtual users during this segment; default: none. */
  readonly maximumUsers?: number | undefined
}

/**
 * A load over time: a piecewise linear level (arrivals a second, or users) and its integral. Times are in seconds since
 * the profile's start; after its end the level is 0.
 */
export class LoadProfile {
  readonly segments: readonly LoadSegment[]
  /** `Infinity` for a profile without end. */
  readonly durationSeconds: number
  readonly #starts: readonly number[]
  readonly #areas: readonly number[]

  /** @throws RangeError for a negative or non-finite level, a negative duration, or an endless segment that isn't last and flat. */
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

  /** One level without end. */
  static constant(level: number): LoadProfile {
    return new LoadProfile([{ durationSeconds: Number.POSITIVE_INFINITY, from: level, to: level }])
  }

  levelAt(seconds: number): number {
    const index = this.#segmentAt(seconds)
    const segment = this.segments[index]
    const start = this.#starts[index]
    if (segment === undefined || start === undefined || seconds < 0 || seconds >= this.durationSeconds) return 0
    if (segment.from === segment.to) return segment.from
    return segment.from + ((segment.to - segment.from) * (seconds - start)) / segment.durationSeconds
  }

  modeAt(seconds: number): ArrivalMode {
    return this.segments[this.#segmentAt(seconds)]?.mode ?? 'uniform'
  }

  /** Limit of concurrent virtual users; `Infinity` if there is none. */
  maximumUsersAt(seconds: number): number {
    return this.segments[this.#segmentAt(seconds)]?.maximumUsers ?? Number.POSITIVE_INFINITY
  }

  /** The integral of the level from the start: in the open model, how many arrivals were due by then. */
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

  /** When the integral reaches `area` and is about to rise further (after any stretch of level 0); `Infinity` if never. */
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

  /** The rest of the profile from a time on, which becomes its time 0. */
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

  /** The profile cut, or its last level extended, to a given duration. */
  lasting(durationSeconds: number): LoadProfile {
    if (durationSeconds === this.durationSeconds) return this
    const segments: LoadSegment[] = []
    let left = durationSeconds
    for (const segment of this.segments) {
      if (left <= 0) break
      const isWhole = segment.durationSeconds <= left
      const { from, to } = segment
      const reached = from === to ? to : from + ((to - from) * left) / segment.durationSeconds
      segments.push(isWhole ? segment : { ...segment, durationSeconds: left, to: reached })
      left -= segment.durationSeconds
    }
    const last = segments.at(-1)
    if (left > 0 && last !== undefined) segments.push({ ...last, durationSeconds: left, from: last.to })
    return new LoadProfile(segments)
  }

  /** Index of the last segment that starts at or before a time. */
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
  // This form of the quadratic formula stays precise for tiny slopes.
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
    throw new RangeError('only the last segment of a load may be endless, and it must be flat')
  }
}
