import type { EngineHelpers, Step } from './artillery.ts'
import { isRecord } from './record.ts'

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

/** The longest time a timer of Node takes; more would end at once. */
const LONGEST_MS = 2 ** 31 - 1

/** Reads a time to think: seconds, or text with a unit such as `500ms` or `2 minutes`. Milliseconds; undefined where it is neither. */
export function parseThinkTime(value: unknown): number | undefined {
  const match = /^(-?\d*\.?\d+) *([a-z]*)$/i.exec(String(value))
  const name = match?.[2]?.toLowerCase()
  const unit = UNIT_NAMES.find(([pattern]) => name !== undefined && pattern.test(name))?.[1]
  return unit === undefined ? undefined : Number(match?.[1]) * (UNIT_MS[unit] ?? 1)
}

/**
 * Spreads a time evenly around itself.
 *
 * @param jitter by so many milliseconds (`200`, `200ms`) or so much of it (`20%`); anything else leaves it as it is
 */
export function jittered(timeMs: number, jitter: unknown): number {
  const by = Number.parseInt(String(jitter), 10)
  if (!Number.isFinite(by)) return timeMs
  const spreadMs = String(jitter).includes('%') ? (timeMs * by) / 100 : by
  return Math.max(0, timeMs - spreadMs + Math.random() * 2 * spreadMs)
}

/** The virtual users of an engine that think now. */
export class Thinking {
  readonly #cuts = new Set<() => void>()

  /**
   * Compiles a think step: `think` (seconds, or text with a unit) with `jitter`.
   *
   * @param defaults `config.http.defaults.think`, whose `jitter` holds for steps that have none
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
      const timer = setTimeout(end, Math.min(LONGEST_MS, jittered(timeMs, jitter)))
      this.#cuts.add(end)
    }
  }

  /** Ends every think at once. */
  cut(): void {
    for (const end of [...this.#cuts]) end()
  }
}
