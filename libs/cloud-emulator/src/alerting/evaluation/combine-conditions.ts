import type { Combiner } from '../policies/policy.ts'
import type { SeriesState } from './condition-state.ts'

type MetSeries = ReadonlyMap<string, SeriesState>

/**
 * The series of each condition that open incidents: those for which it is met, unless the combiner requires more. With
 * AND all conditions must be met, with AND_WITH_MATCHING_RESOURCE on the same resource.
 */
export function combineConditions(combiner: Combiner, conditions: readonly MetSeries[]): readonly MetSeries[] {
  if (combiner === 'OR' || combiner === 'COMBINE_UNSPECIFIED') return conditions
  if (conditions.some((met) => met.size === 0)) return conditions.map(() => new Map())
  if (combiner === 'AND') return conditions
  const resources = conditions.map((met) => new Set([...met.values()].map(resourceKey)))
  const common = [...(resources[0] ?? [])].filter((key) => resources.every((some) => some.has(key)))
  return conditions.map((met) => new Map([...met].filter(([, state]) => common.includes(resourceKey(state)))))
}

function resourceKey({ identity: { resourceType, resourceLabels } }: SeriesState): string {
  const labels = Object.entries(resourceLabels).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([resourceType, labels])
}
