import type { MetricFamily } from './family.ts'
import { familyKey } from './merge.ts'
import { type CollectableRegistry, RegistryCollector } from './registry-collector.ts'

/**
 * Collects several registries as one. A family that exists in several of them, such as a metric of the process, is
 * taken from the first.
 */
export class FamilyCollector {
  readonly #collectors: readonly RegistryCollector[]

  constructor(registries: readonly CollectableRegistry[]) {
    this.#collectors = registries.map((registry) => RegistryCollector.of(registry))
  }

  /** Collects all metrics. */
  async families(): Promise<MetricFamily[]> {
    return onlyFirst(await Promise.all(this.#collectors.map((collector) => collector.families())))
  }

  /** Collects all metrics except gauges, whose `collect` functions are not called. */
  async totals(): Promise<MetricFamily[]> {
    return onlyFirst(await Promise.all(this.#collectors.map((collector) => collector.totals())))
  }
}

function onlyFirst(families: readonly MetricFamily[][]): MetricFamily[] {
  const [own = [], ...others] = families
  if (others.length === 0) return own
  const byKey = new Map<string, MetricFamily>()
  for (const family of families.flat()) {
    const key = familyKey(family)
    if (!byKey.has(key)) byKey.set(key, family)
  }
  return [...byKey.values()]
}
