import type { Scenario } from './scenario.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** What one variant made over all rounds. */
export interface VariantResult {
  readonly variant: string
  /** In the scenario's unit. */
  readonly value: Spread
  /** To the baseline of the same round. */
  readonly ratio: Spread
  /** The lowest ratio that is allowed, where one is. */
  readonly atLeast?: number
  /** Whether the median ratio is at least that. */
  readonly ok: boolean
}

/** What a scenario made. */
export interface ScenarioResult {
  readonly scenario: string
  readonly description: string
  readonly unit: string
  readonly baseline: string
  readonly rounds: number
  readonly variants: readonly VariantResult[]
  /** Variants that this machine lacks something for. */
  readonly left: readonly string[]
  readonly ok: boolean
}

/**
 * Measures every variant once a round, one after another, each round in another order, so that what changes on the
 * machine during the run changes all of them alike. A first round that does not count warms up.
 *
 * @param options.rounds - counted rounds
 * @param options.onMeasured - told after every measurement
 * @throws where the baseline can't be measured
 */
export async function runScenario(
  scenario: Scenario,
  options: { readonly rounds: number; readonly onMeasured?: (text: string) => void },
): Promise<ScenarioResult> {
  const results = new Map<string, number[]>(scenario.variants.map(({ name }) => [name, []]))
  const left = new Set<string>()
  for (let round = 0; round <= options.rounds; round++) {
    for (const { name, measure } of rotated(scenario.variants, round)) {
      if (left.has(name)) continue
      const value = await measure()
      if (value === undefined) left.add(name)
      else if (round > 0) results.get(name)?.push(value)
      options.onMeasured?.(`${scenario.name}: round ${round} of ${options.rounds}, ${name}`)
    }
  }
  const baseline = results.get(scenario.baseline) ?? []
  if (baseline.length === 0) throw new Error(`${scenario.name}: the baseline ${scenario.baseline} was not measured`)
  const variants = scenario.variants
    .filter(({ name }) => !left.has(name))
    .map(({ name }): VariantResult => {
      const values = results.get(name) ?? []
      const ratio = spreadOf(values.map((value, round) => value / (baseline[round] ?? Number.NaN)))
      const atLeast = scenario.bounds?.find(({ variant }) => variant === name)?.atLeast
      return {
        variant: name,
        value: spreadOf(values),
        ratio,
        ...(atLeast === undefined ? {} : { atLeast }),
        ok: atLeast === undefined || ratio.median >= atLeast,
      }
    })
  return {
    scenario: scenario.name,
    description: scenario.description,
    unit: scenario.unit,
    baseline: scenario.baseline,
    rounds: options.rounds,
    variants,
    left: [...left],
    ok: variants.every(({ ok }) => ok),
  }
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
