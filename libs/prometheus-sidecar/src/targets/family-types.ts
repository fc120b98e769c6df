import type { MetricType } from '../model/metadata.ts'

/** More than any real target has; a target whose names keep changing would otherwise fill the memory. */
const MAX_FAMILIES = 20_000

/**
 * The types of a target's metric families. Families that are gone keep their type, since their series may return;
 * beyond the limit the oldest are removed.
 */
export class FamilyTypes {
  readonly #types = new Map<string, MetricType>()

  get(family: string): MetricType | undefined {
    return this.#types.get(family)
  }

  /** Returns whether the type is new. */
  learn(family: string, type: MetricType): boolean {
    if (this.#types.get(family) === type) return false
    if (this.#types.size >= MAX_FAMILIES && !this.#types.has(family)) {
      const [first] = this.#types.keys()
      if (first !== undefined) this.#types.delete(first)
    }
    this.#types.set(family, type)
    return true
  }

  entries(): Iterable<readonly [family: string, type: MetricType]> {
    return this.#types
  }
}
