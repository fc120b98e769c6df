import type { Bound, Scenario, Variant } from './scenario.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** What one variant made over all rounds. */
export interface VariantResult {
  readonly variant: string
  /** In the scenario's unit. */
  readonly value: Spread
  /** To the baseline at that time. */
  readonly ratio: Spread
}

/** Whether a bound holds. */
export interface BoundResult extends Required<Bound> {
  /** Of the variant to `of`, round by round; where that is not the baseline, of their ratios to it. */
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

/** What a variant made, and what the baseline made at that time. */
interface Measurement {
  readonly value: number
  readonly baseline: number
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
  const left = new Set<string>()
  const measured = new Map<string, Measurement[]>(scenario.variants.map(({ name }) => [name, []]))
  const measureRound = scenario.baselineBesideEach === true ? measureBesideBaseline : measureOnce
  try {
    for (let round = 0; round <= options.rounds; round++) {
      const measure = async ({ name, measure }: Variant) => {
        const value = await measure()
        if (value === undefined) left.add(name)
        options.onMeasured?.(`${scenario.name}: round ${round} of ${options.rounds}, ${name}`)
        return value
      }
      const variants = rotated(scenario.variants, round).filter(({ name }) => !left.has(name))
      for (const [name, measurements] of await measureRound(scenario, variants, measure)) {
        if (round > 0) measured.get(name)?.push(...measurements)
      }
    }
  } finally {
    await scenario.close?.()
  }
  for (const [name, measurements] of measured) if (left.has(name) || measurements.length === 0) measured.delete(name)
  const ratioOf = (variant: string, of: string): Spread => {
    const toBaseline = (name: string) => (measured.get(name) ?? []).map(({ value, baseline }) => value / baseline)
    if (of === scenario.baseline) return spreadOf(toBaseline(variant))
    const under = toBaseline(of)
    return spreadOf(toBaseline(variant).map((ratio, round) => ratio / (under[round] ?? Number.NaN)))
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
    variants: [...measured].map(([variant, measurements]) => ({
      variant,
      value: spreadOf(measurements.map(({ value }) => value)),
      ratio: ratioOf(variant, scenario.baseline),
    })),
    bounds,
    left: [...left],
    ok: bounds.every(({ ok }) => ok),
  }
}

type Measure = (variant: Variant) => Promise<number | undefined>

/** Every variant once; the baseline's value of the round is that of all. */
async function measureOnce(
  scenario: Scenario,
  variants: readonly Variant[],
  measure: Measure,
): Promise<Map<string, Measurement[]>> {
  const values = new Map<string, number>()
  for (const variant of variants) {
    const value = await measure(variant)
    if (value !== undefined) values.set(variant.name, value)
  }
  const baseline = values.get(scenario.baseline)
  if (baseline === undefined) throw new BaselineError(scenario)
  return new Map([...values].map(([name, value]) => [name, [{ value, baseline }]]))
}

/** Every variant once, with the baseline before and after it: the mean of both is the baseline of that variant. */
async function measureBesideBaseline(
  scenario: Scenario,
  variants: readonly Variant[],
  measure: Measure,
): Promise<Map<string, Measurement[]>> {
  const baseline = variants.find(({ name }) => name === scenario.baseline)
  const measureBaseline = async () => {
    const value = baseline && (await measure(baseline))
    if (value === undefined) throw new BaselineError(scenario)
    return value
  }
  let before = await measureBaseline()
  const ofBaseline = [{ value: before, baseline: before }]
  const measured = new Map([[scenario.baseline, ofBaseline]])
  for (const variant of variants) {
    if (variant === baseline) continue
    const value = await measure(variant)
    if (value === undefined) continue
    const after = await measureBaseline()
    ofBaseline.push({ value: after, baseline: after })
    measured.set(variant.name, [{ value, baseline: (before + after) / 2 }])
    before = after
  }
  return measured
}

class BaselineError extends Error {
  readonly code = 'ERR_BASELINE'
  override readonly name = 'BaselineError'
  constructor({ name, baseline }: Scenario) {
    super(`${name}: the baseline ${baseline} was not measured`)
  }
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
