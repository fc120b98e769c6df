import { type Aggregator, createdName, type Exemplar, type MetricFamily, type Sample } from './family.ts'

/** The families of one process. Gauges with the aggregator `omit` are taken from the primary only. */
export interface MergeSource {
  readonly families: readonly MetricFamily[]
  readonly isPrimary: boolean
}

/**
 * Merges the families of several processes. Counters, histograms and the `_sum` and `_count` of summaries are summed; quantiles
 * can't be merged and are left out; totals began when the first of them did. Gauges follow their aggregator: `sum`, `max`, `min`, `average` (over the processes that have it), `first` (in
 * the order of the sources), `omit` (the primary's only). A sample keeps its newest exemplar. The samples of one label set stay together.
 */
export function mergeFamilies(sources: readonly MergeSource[]): MetricFamily[] {
  const merged = new Map<string, MergedFamily>()
  for (const source of sources) {
    for (const family of source.families) {
      if (family.aggregator === 'omit' && !source.isPrimary) continue
      const key = familyKey(family)
      let target = merged.get(key)
      if (target === undefined) {
        target = { ...family, samples: new Map() }
        merged.set(key, target)
      }
      addSamples(target, family)
    }
  }
  return Array.from(merged.values(), toFamily)
}

interface MergedFamily extends Omit<MetricFamily, 'samples'> {
  readonly samples: Map<string, MergedSample>
}

interface MergedSample {
  readonly name: string
  readonly labels: Sample['labels']
  value: number
  sources: number
  exemplar: Exemplar | undefined
}

function addSamples(target: MergedFamily, family: MetricFamily): void {
  const created = createdName(family)
  for (const sample of family.samples) {
    if (family.type === 'summary' && sample.name === family.name) continue
    const key = sampleKey(sample)
    const known = target.samples.get(key)
    if (known === undefined) {
      target.samples.set(key, {
        name: sample.name,
        labels: sample.labels,
        value: sample.value,
        sources: 1,
        exemplar: sample.exemplar,
      })
      continue
    }
    if (family.type === 'gauge') known.value = aggregate(target.aggregator, known, sample.value)
    else known.value = sample.name === created ? Math.min(known.value, sample.value) : known.value + sample.value
    known.sources++
    known.exemplar = newerExemplar(known.exemplar, sample.exemplar)
  }
}

function aggregate(aggregator: Aggregator, known: MergedSample, value: number): number {
  switch (aggregator) {
    case 'sum':
      return known.value + value
    case 'max':
      return Math.max(known.value, value)
    case 'min':
      return Math.min(known.value, value)
    case 'average':
      return known.value + (value - known.value) / (known.sources + 1)
    case 'first':
    case 'omit':
      return known.value
  }
}

/** The newer of two exemplars. */
export function newerExemplar(one: Exemplar | undefined, other: Exemplar | undefined): Exemplar | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return other.timestampSeconds > one.timestampSeconds ? other : one
}

function toFamily(family: MergedFamily): MetricFamily {
  return {
    ...family,
    samples: Array.from(family.samples.values(), ({ name, labels, value, exemplar }) =>
      exemplar === undefined ? { name, labels, value } : { name, labels, value, exemplar },
    ),
  }
}

const keys = new WeakMap<Sample['labels'], string>()

/** Identifies a family across processes. The name is not enough: a counter `jobs_total` and a gauge `jobs` are both named `jobs`. */
export function familyKey(family: Pick<MetricFamily, 'type' | 'name'>): string {
  return `${family.type} ${family.name}`
}

/** Identifies a sample across processes: its name and its label set, in any order. A label without a value is the same as no label. */
export function sampleKey(sample: Pick<Sample, 'name' | 'labels'>): string {
  return `${sample.name}${labelsKey(sample.labels)}`
}

/** Identifies a label set, in any order. */
export function labelsKey(labels: Sample['labels']): string {
  const known = keys.get(labels)
  if (known !== undefined) return known
  const key = Object.keys(labels)
    .filter((name) => labels[name] !== undefined && labels[name] !== '')
    .sort()
    .map((name) => `\u0000${name}\u0000${labels[name]}`)
    .join('')
  keys.set(labels, key)
  return key
}
