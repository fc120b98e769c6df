import { createdName, type MetricFamily, type Sample } from './family.ts'
import { labelsKey } from './merge.ts'

/** The totals of one label set at the latest collection. */
interface Known {
  readonly total: number
  readonly created: number
}

/**
 * Tells when the totals of one metric began, which the client does not record: after the latest collection that did not have them yet, or in which they were
 * higher. A reader that takes a total for the growth since that time misses nothing of what was counted before it came.
 */
export class StartTimes {
  #known = new Map<string, Known>()

  /** The metric was reset: all of its totals restart. */
  forget(): void {
    this.#known.clear()
  }

  /**
   * Adds a `_created` sample to each label set of a counter, histogram or summary.
   *
   * @param since when the metric was last collected, or when the process began; in seconds since 1970
   */
  addTo(family: MetricFamily, since: number): MetricFamily {
    if (family.type === 'gauge') return family
    const name = createdName(family)
    const lastName = family.type === 'counter' ? family.name : `${family.name}_count`
    const known = new Map<string, Known>()
    const samples: Sample[] = []
    for (const sample of family.samples) {
      samples.push(sample)
      if (sample.name !== lastName) continue
      const { labels, value: total } = sample
      const key = labelsKey(labels)
      const before = this.#known.get(key)
      const created = before !== undefined && before.total <= total ? before.created : since
      known.set(key, { total, created })
      samples.push({ name, labels, value: created })
    }
    this.#known = known
    return { ...family, samples }
  }
}
