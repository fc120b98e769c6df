import type { EngineHelpers, Step } from '../artillery/contract.ts'
import { isRecord } from '../artillery/record.ts'

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_557_600_000,
}

const UNIT_NAMES: readonly (readonly [pattern: RegExp, unit: string])[] = [
  [/^(ms|msecs?|milliseconds?)$/, 'ms'],
  [/^(|s|secs?|seconds?)$/, 's'],
  [/^(m|mins?|minutes?)$/, 'm'],
  [/^(h|hrs?|hours?)$/, 'h'],
  [/^(d|days?)$/, 'd'],
  [/^(w|weeks?)$/, 'w'],
  [/^(y|yrs?|years?)$/, 'y'],
]

/** The longest delay of a timer in Node; a longer one would end at once. */
const MAX_DELAY_MS = 2 ** 31 - 1

/**
 * Reads a think time: seconds, or a string with a unit such as `500ms` or `2 minutes`. Returns milliseconds, or
 * undefined if it is neither.
 */
export function parseThinkTime(value: unknown): number | undefined {
  const match = /^(-?\d*\.?\d+) *([a-z]*)$/i.exec(String(value))
  const name = match?.[2]?.toLowerCase()
  const unit = UNIT_NAMES.find(([pattern]) => name !== undefined && pattern.test(name))?.[1]
  return unit === undefined ? undefined : Number(match?.[1]) * (UNIT_MS[unit] ?? 1)
}

/**
 * Picks a time at random, evenly around the given one.
 *
 * @param jitter how far from it: milliseconds (`200`, `200ms`) or a part of it (`20%`); anything else means none
 */
export function jittered(timeMs: number, jitter: unknown): number {
  const by = Number.parseInt(String(jitter), 10)
  if (!Number.isFinite(by)) return timeMs
  const spreadMs = String(jitter).includes('%') ? (timeMs * by) / 100 : by
  return Math.max(0, timeMs - spreadMs + Math.random() * 2 * spreadMs)
}

/** The think steps that are running in an engine. */
export class Thinking {
  readonly #cuts = new Set<() => void>()

  /**
   * Compiles a think step: `think` (seconds, or a string with a unit) with `jitter`.
   *
   * @param defaults `config.http.defaults.think`, whose `jitter` applies to steps that have none
   */
  createStep(spec: Record<string, unknown>, defaults: unknown, template: EngineHelpers['template']): Step {
    const jitter = spec.jitter || (isRecord(defaults) ? defaults.jitter : undefined)
    return (context, done) => {
      const value = template(spec.think, context)
      const timeMs = parseThinkTime(value)
      if (timeMs === undefined) throw new Error(`Invalid think time: ${value || spec.think}`)
      const end = (): void => {
        clearTimeout(timer)
        this.#cuts.delete(end)
        done()
      }
      const timer = setTimeout(end, Math.min(MAX_DELAY_MS, jittered(timeMs, jitter)))
      this.#cuts.add(end)
    }
  }

  /** Ends every think at once. */
  cut(): void {
    for (const end of [...this.#cuts]) end()
  }
}
