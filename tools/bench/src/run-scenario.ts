import type { Bound, Measurement, Scenario } from './scenario.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** The results of one variant over all rounds. */
export interface VariantResult {
  readonly variant: string
  /** In the scenario's unit. */
  readonly value: Spread
  /** To the baseline, at the same time. */
  readonly ratio: Spread
}

/** Whether a bound holds. */
export interface BoundResult extends Required<Bound> {
  /**
   * Of the variant to `of`, round by round: as measured in turn with each other, otherwise computed from their ratios to the baseline. Where the bound is a
   * share, divided by that of the baseline to `of`.
   */
  readonly ratio: Spread
  /** Whether the median is at least the bound. */
  readonly ok: boolean
}

/** The result of a scenario. */
export interface ScenarioResult {
  readonly scenario: string
  readonly description: string
  readonly unit: string
  readonly baseline: string
  readonly rounds: number
  readonly variants: readonly VariantResult[]
  readonly bounds: readonly BoundResult[]
  /** Variants that were not measured, because this machine lacks what they need. */
  readonly left: readonly string[]
  readonly ok: boolean
}

/**
 * Measures every variant once per round, one after another, each round in a different order, so that changes of the machine
 * during the run affect all of them alike. A first round for warming up does not count.
 *
 * @param options.rounds - counted rounds
 * @param options.onMeasured - called after every measurement
 * @throws where the baseline can't be measured
 */
export async function runScenario(
  scenario: Scenario,
  options: { readonly rounds: number; readonly onMeasured?: (text: string) => void },
): Promise<ScenarioResult> {
  const { measured, skipped } = await measureRounds(scenario, options)
  const { ratioOf, shareOfBaseline } = ratiosOf(scenario, measured)
  const bounds = (scenario.bounds ?? [])
    .map(({ of = scenario.baseline, asShareOfBaseline = false, ...bound }) => ({ ...bound, of, asShareOfBaseline }))
    .filter(({ variant, of }) => measured.has(variant) && measured.has(of))
    .map((bound): BoundResult => {
      const ratio = bound.asShareOfBaseline
        ? shareOfBaseline(bound.variant, bound.of)
        : ratioOf(bound.variant, bound.of)
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
    left: [...skipped],
    ok: bounds.every(({ ok }) => ok),
  }
}

type Measurements = ReadonlyMap<string, readonly Measurement[]>

/** The counted measurements of each variant, one per round, and the variants that were skipped. */
async function measureRounds(
  scenario: Scenario,
  options: { readonly rounds: number; readonly onMeasured?: (text: string) => void },
): Promise<{ measured: Measurements; skipped: ReadonlySet<string> }> {
  const skipped = new Set<string>()
  const measured = new Map<string, Measurement[]>(scenario.variants.map(({ name }) => [name, []]))
  try {
    for (let round = 0; round <= options.rounds; round++) {
      const results = new Map<string, number | Measurement>()
      for (const { name, measure } of rotated(scenario.variants, round)) {
        if (skipped.has(name)) continue
        const result = await measure()
        if (result === undefined) skipped.add(name)
        else results.set(name, result)
        options.onMeasured?.(`${scenario.name}: round ${round} of ${options.rounds}, ${name}`)
      }
      const measurements = withBaseline(scenario, results)
      if (round > 0) for (const [name, measurement] of measurements) measured.get(name)?.push(measurement)
    }
  } finally {
    await scenario.close?.()
  }
  for (const [name, measurements] of measured) if (skipped.has(name) || measurements.length === 0) measured.delete(name)
  return { measured, skipped }
}

/** The ratios of variants: those measured in turn with each other where there are any, else computed from the baseline's. */
function ratiosOf(scenario: Scenario, measured: Measurements) {
  const toBaseline = (name: string) => (measured.get(name) ?? []).map(({ value, baseline }) => value / baseline)
  const directRatios = (variant: string, of: string) =>
    (measured.get(of) ?? []).flatMap(({ others }) => others?.[variant] ?? [])
  return {
    ratioOf(variant: string, of: string): Spread {
      if (of === scenario.baseline) return spreadOf(toBaseline(variant))
      const direct = directRatios(variant, of)
      if (direct.length > 0) return spreadOf(direct)
      const denominators = toBaseline(of)
      return spreadOf(toBaseline(variant).map((ratio, round) => ratio / (denominators[round] ?? Number.NaN)))
    },
    shareOfBaseline(variant: string, of: string): Spread {
      const direct = directRatios(variant, of)
      const ofBaseline = toBaseline(of)
      return spreadOf(
        direct.length > 0
          ? direct.map((ratio, round) => ratio * (ofBaseline[round] ?? Number.NaN))
          : toBaseline(variant),
      )
    },
  }
}

/** The result of each variant in a round, with the baseline's of the same seconds or of that round. */
function withBaseline(
  scenario: Scenario,
  results: ReadonlyMap<string, number | Measurement>,
): [variant: string, measurement: Measurement][] {
  const ofRound = results.get(scenario.baseline)
  if (ofRound === undefined) throw new BaselineError(scenario)
  const baseline = typeof ofRound === 'number' ? ofRound : ofRound.value
  return [...results].map(([name, result]) => [name, typeof result === 'number' ? { value: result, baseline } : result])
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
