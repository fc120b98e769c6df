import { createdName, type MetricFamily, type Sample } from './family.ts'
import { labelsKey } from './merge.ts'

/** The totals of one label set at the latest collection. */
interface Known {
  readonly total: number
  readonly created: number
}

/**
 * Determines when the totals of one metric started, which the client does not record: after the latest collection in
 * which they did not exist yet or were higher. A reader that treats a total as the increase since that time misses
 * nothing that was counted before its first scrape.
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
   * @param since when the metric was last collected, or when the process started; in seconds since 1970
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
