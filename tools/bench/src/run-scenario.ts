import type { Bound, Scenario } from './scenario.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** What one variant made over all rounds. */
export interface VariantResult {
  readonly variant: string
  /** In the scenario's unit. */
  readonly value: Spread
  /** To the baseline of the same round. */
  readonly ratio: Spread
}

/** Whether a bound holds. */
export interface BoundResult extends Required<Bound> {
  /** Of the variant to `of`, round by round. */
  readonly ratio: Spread
  /** Whether the median is at least the bound. */
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
  readonly bounds: readonly BoundResult[]
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
  try {
    for (let round = 0; round <= options.rounds; round++) {
      for (const { name, measure } of rotated(scenario.variants, round)) {
        if (left.has(name)) continue
        const value = await measure()
        if (value === undefined) left.add(name)
        else if (round > 0) results.get(name)?.push(value)
        options.onMeasured?.(`${scenario.name}: round ${round} of ${options.rounds}, ${name}`)
      }
    }
  } finally {
    await scenario.close?.()
  }
  const measured = new Map([...results].filter(([name, values]) => !left.has(name) && values.length > 0))
  if (!measured.has(scenario.baseline)) {
    throw new Error(`${scenario.name}: the baseline ${scenario.baseline} was not measured`)
  }
  const ratioOf = (variant: string, of: string): Spread => {
    const under = measured.get(of) ?? []
    return spreadOf((measured.get(variant) ?? []).map((value, round) => value / (under[round] ?? Number.NaN)))
  }
  const bounds = (scenario.bounds ?? [])
    .map(({ variant, of = scenario.baseline, atLeast }) => ({ variant, of, atLeast }))
    .filter(({ variant, of }) => measured.has(variant) && measured.has(of))
    .map((bound): BoundResult => {
      const ratio = ratioOf(bound.variant, bound.of)
      return { ...bound, ratio, ok: ratio.median >= bound.atLeast }
    })
  return {
    scenario: scenario.name,
    description: scenario.description,
    unit: scenario.unit,
    baseline: scenario.baseline,
    rounds: options.rounds,
    variants: [...measured].map(([variant, values]) => ({
      variant,
      value: spreadOf(values),
      ratio: ratioOf(variant, scenario.baseline),
    })),
    bounds,
    left: [...left],
    ok: bounds.every(({ ok }) => ok),
  }
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
