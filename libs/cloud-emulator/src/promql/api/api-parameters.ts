import { DurationError, ParseError, parseDuration, parseSelector, type VectorSelector } from '@node-to-cloud/promql'
import { ApiError, invalidParameter } from './api-error.ts'
import { goNumber } from './go-number.ts'
import { evaluationTimeMs, goDifferenceMs, goTimeMs } from './go-time.ts'

const INTEGER = /^[-+]?\d+$/

const EMPTY_SELECTOR = 'vector selector must contain at least one non-empty matcher'

/** The parameters of a request, from its URL and form. */
export class ApiParameters {
  readonly #values = new Map<string, string[]>()

  constructor(values: Iterable<readonly [name: string, value: string]>) {
    for (const [name, value] of values) {
      const list = this.#values.get(name)
      if (list) list.push(value)
      else this.#values.set(name, [value])
    }
  }

  text(name: string): string {
    return this.all(name)[0] ?? ''
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  /** A time in milliseconds since 1970, given in seconds or in RFC 3339 format. */
  time(name: string, fallback?: number): number {
    const text = this.text(name)
    if (text === '' && fallback !== undefined) return fallback
    const seconds = goNumber(text)
    const milliseconds = seconds === undefined ? rfc3339(text) : goTimeMs(seconds)
    if (Number.isFinite(milliseconds)) return milliseconds
    const problem = `cannot parse ${JSON.stringify(text)} to a valid timestamp`
    throw invalidParameter(name, fallback === undefined ? problem : `invalid time value for '${name}': ${problem}`)
  }

  /** A duration in milliseconds, given in seconds or as `1h30m`; undefined if it is omitted. */
  duration(name: string, refusal = (problem: string) => invalidParameter(name, problem)): number | undefined {
    const text = this.text(name)
    if (text === '') return undefined
    const problem = `cannot parse ${JSON.stringify(text)} to a valid duration`
    const seconds = goNumber(text)
    if (seconds === undefined) {
      const milliseconds = durationOf(text)
      if (milliseconds !== undefined) return milliseconds
      throw refusal(problem)
    }
    if (!(Math.abs(seconds) * 1e9 < 2 ** 63)) throw refusal(`${problem}. It overflows int64`)
    return seconds * 1000
  }

  /** The timeout of the request in milliseconds; undefined if it is omitted or invalid. */
  wantedTimeoutMs(): number | undefined {
    try {
      const timeoutMs = this.duration('timeout') ?? 0
      return timeoutMs > 0 ? timeoutMs : undefined
    } catch (error) {
      if (error instanceof ApiError) return undefined
      throw error
    }
  }

  /** The maximum number of results; 0 for all. */
  limit(): number {
    const text = this.text('limit')
    if (text === '') return 0
    const problem = INTEGER.test(text) ? 'value out of range' : 'invalid syntax'
    if (!INTEGER.test(text) || Math.abs(Number(text)) >= 2 ** 63) {
      throw invalidParameter('limit', `strconv.Atoi: parsing ${JSON.stringify(text)}: ${problem}`)
    }
    if (Number(text) < 0) throw invalidParameter('limit', 'limit must be non-negative')
    return Number(text)
  }

  /** A whole number; -1 if it is omitted. */
  number(name: string): number {
    const text = this.text(name)
    if (text === '') return -1
    if (INTEGER.test(text) && Math.abs(Number(text)) < 2 ** 63) return Number(text)
    throw new ApiError('bad_data', `${name} must be a number`)
  }

  /**
   * The selectors of `match[]`; `prefix` is the start of the message about an invalid one. A selector that can't be
   * parsed is reported first.
   */
  selectors(prefix = ''): VectorSelector[] {
    const refusal = (problem: string) => new ApiError('bad_data', `${prefix}${problem}`)
    const selectors = this.all('match[]').map((text) => selectorOf(text, refusal))
    return selectors.map((selector) => {
      if (selector === undefined) throw refusal('match[] must contain at least one non-empty matcher')
      return selector
    })
  }
}

/** A selector, or undefined if it selects everything. */
function selectorOf(text: string, refusal: (problem: string) => ApiError): VectorSelector | undefined {
  try {
    return parseSelector(text)
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    if (error.message.endsWith(EMPTY_SELECTOR)) return undefined
    throw refusal(error.message)
  }
}

function rfc3339(text: string): number {
  return /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[-+]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN
}

function durationOf(text: string): number | undefined {
  try {
    return parseDuration(text)
  } catch (error) {
    if (error instanceof DurationError) return undefined
    throw error
  }
}

/** The maximum number of steps in Prometheus. */
const MAX_STEPS = 11_000

/** The times of a range query, in milliseconds. */
export interface QueryRange {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

/** Parses the times of a range query as Prometheus does. */
export function readQueryRange(parameters: ApiParameters): QueryRange {
  const startMs = parameters.time('start')
  const endMs = parameters.time('end')
  if (endMs < startMs) throw invalidParameter('end', 'end timestamp must not be before start time')
  const stepMs = parameters.duration('step')
  if (stepMs === undefined) throw invalidParameter('step', 'cannot parse "" to a valid duration')
  if (stepMs <= 0) {
    const text = 'zero or negative query resolution step widths are not accepted. Try a positive integer'
    throw invalidParameter('step', text)
  }
  if (goDifferenceMs(startMs, endMs) / stepMs > MAX_STEPS) {
    const limit = 'exceeded maximum resolution of 11,000 points per timeseries'
    throw new ApiError('bad_data', `${limit}. Try decreasing the query resolution (?step=XX)`)
  }
  const [firstMs, lastMs] = [evaluationTimeMs(startMs), evaluationTimeMs(endMs)]
  return { startMs: firstMs, endMs: lastMs, stepMs: Math.trunc(stepMs) }
}
