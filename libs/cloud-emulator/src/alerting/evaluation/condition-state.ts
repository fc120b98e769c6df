import type { Measured, MeasuredIdentity, Measurement } from './measurement.ts'

/** The number or fraction of series that must be in violation. */
export type Trigger = { readonly count: number } | { readonly percent: number }

export type MissingData = 'inactive' | 'active' | 'noOp'

/** The rule by which the series of a condition are in violation. */
export interface ConditionRule {
  /** Whether a value is a violation; undefined for a condition on absence, whose violation ends with any value. */
  readonly violates: ((value: number) => boolean) | undefined
  readonly durationMicros: number
  readonly trigger: Trigger
  readonly missingData: MissingData
  /** Points may arrive late: only after this delay is data considered missing. */
  readonly graceMicros: number
  /** The state of a series without data for this long is dropped. */
  readonly autoCloseMicros: number
}

/** The state of one series of a condition. */
export interface SeriesState {
  readonly identity: MeasuredIdentity
  value: number
  lastDataMicros: number
  /** The start of the current continuous violation. */
  sinceMicros: number | undefined
  /** Whether it has been in violation for the duration. */
  met: boolean
  metMicros: number
}

const MINUTE_MICROS = 60e6
export const MAX_SERIES_OF_CONDITION = 10_000

/** The condition has more series than can be tracked. */
export class TooManySeries extends Error {
  override readonly name = 'TooManySeries'
  readonly code = 'ERR_TOO_MANY_SERIES'

  constructor() {
    super(`It measures more than ${MAX_SERIES_OF_CONDITION} series: use a narrower filter, or a reducer.`)
  }
}

/** Tracks the series of one condition from one evaluation to the next. It reads neither the clock nor the store. */
export class ConditionState {
  readonly #rule: ConditionRule
  readonly #series = new Map<string, SeriesState>()

  constructor(rule: ConditionRule) {
    this.#rule = rule
  }

  get series(): ReadonlyMap<string, SeriesState> {
    return this.#series
  }

  /** Adds the measurements of a time. Throws `TooManySeries`. */
  step({ series }: Pick<Measured, 'series'>, atMicros: number): void {
    const present = new Set<string>()
    for (const one of series) {
      present.add(one.key)
      this.#measured(one, atMicros)
    }
    for (const [key, state] of this.#series) if (!present.has(key)) this.#missing(key, state, atMicros)
  }

  /** The series for which the condition is met; empty if too few are. */
  get met(): ReadonlyMap<string, SeriesState> {
    const met = new Map([...this.#series].filter(([, state]) => state.met))
    const { trigger } = this.#rule
    const enough =
      'count' in trigger ? met.size >= trigger.count : met.size * 100 >= trigger.percent * this.#series.size
    return enough ? met : new Map()
  }

  #measured(measurement: Measurement, atMicros: number): void {
    const { violates } = this.#rule
    const { key, value } = measurement
    const state = this.#series.get(key) ?? this.#add(measurement, atMicros)
    this.#dropOutdatedViolation(state, atMicros)
    state.value = value
    state.lastDataMicros = atMicros
    if (violates?.(value)) this.#violating(state, atMicros)
    else clearViolation(state)
  }

  /** A violation before a long gap is no evidence for the time in between. */
  #dropOutdatedViolation(state: SeriesState, atMicros: number): void {
    const gapMicros = atMicros - state.lastDataMicros
    if (!state.met && gapMicros > Math.max(this.#rule.durationMicros, 2 * MINUTE_MICROS)) state.sinceMicros = undefined
  }

  #missing(key: string, state: SeriesState, atMicros: number): void {
    const { violates, missingData, autoCloseMicros, graceMicros } = this.#rule
    const forMicros = atMicros - state.lastDataMicros
    const closesMicros = Math.max(state.lastDataMicros, state.met && !violates ? state.metMicros : 0) + autoCloseMicros
    if (atMicros >= closesMicros) {
      this.#series.delete(key)
      return
    }
    if (!violates) {
      state.sinceMicros = state.lastDataMicros
      this.#meetAfterDuration(state, atMicros)
    } else if (forMicros <= graceMicros) return
    else if (missingData === 'active') this.#violating(state, atMicros)
    else if (missingData === 'inactive') clearViolation(state)
  }

  #violating(state: SeriesState, atMicros: number): void {
    state.sinceMicros ??= atMicros
    this.#meetAfterDuration(state, atMicros)
  }

  #meetAfterDuration(state: SeriesState, atMicros: number): void {
    if (state.met || atMicros - (state.sinceMicros ?? atMicros) < this.#rule.durationMicros) return
    state.met = true
    state.metMicros = atMicros
  }

  #add({ key, value, ...identity }: Measurement, atMicros: number): SeriesState {
    if (this.#series.size >= MAX_SERIES_OF_CONDITION) throw new TooManySeries()
    const { metricType, metricLabels, resourceType, resourceLabels } = identity
    const state: SeriesState = {
      identity: { metricType, metricLabels, resourceType, resourceLabels },
      value,
      lastDataMicros: atMicros,
      sinceMicros: undefined,
      met: false,
      metMicros: 0,
    }
    this.#series.set(key, state)
    return state
  }
}

function clearViolation(state: SeriesState): void {
  state.sinceMicros = undefined
  state.met = false
}
