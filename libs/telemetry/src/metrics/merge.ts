import { withCommonBounds } from './bucket-bounds.ts'
import { ExponentialHistogram } from './buckets/exponential-histogram.ts'
import {
  type Aggregator,
  createdName,
  type Exemplar,
  type ExponentialSeries,
  type MetricFamily,
  type Sample,
} from './family.ts'

/** The families of one process. Gauges with the aggregator `omit` are taken from the primary only. */
export interface MergeSource {
  readonly families: readonly MetricFamily[]
  readonly isPrimary: boolean
}

/**
 * Merges the families of several processes. Counters, histograms and the `_sum` and `_count` of summaries are summed;
 * quantiles can't be merged and are omitted; the start time of a total is that of the earliest. Gauges follow their
 * aggregator: `sum`, `max`, `min`, `average` (over the processes that have it), `first` (in the order of the sources),
 * `omit` (the primary's only). Histograms with different buckets get the bounds of all. A sample keeps its newest
 * exemplar. The samples of one label set stay together.
 */
export function mergeFamilies(sources: readonly MergeSource[]): MetricFamily[] {
  const byKey = new Map<string, [MetricFamily, ...MetricFamily[]]>()
  for (const source of sources) {
    for (const family of source.families) {
      if (family.aggregator === 'omit' && !source.isPrimary) continue
      const key = familyKey(family)
      const known = byKey.get(key)
      if (known === undefined) byKey.set(key, [family])
      else known.push(family)
    }
  }
  return Array.from(byKey.values(), mergeOne)
}

/** Merges the families of one name. */
function mergeOne(families: readonly [MetricFamily, ...MetricFamily[]]): MetricFamily {
  const target: MergedFamily = { ...families[0], samples: new Map() }
  for (const family of withCommonBounds(families)) addSamples(target, family)
  const merged = toFamily(target)
  const exponential = families.flatMap((family) => family.exponential ?? [])
  return exponential.length === 0 ? merged : { ...merged, exponential: mergeExponential(exponential) }
}

/** The counts of each bucket are summed, at the scale of the coarsest. */
function mergeExponential(all: readonly ExponentialSeries[]): ExponentialSeries[] {
  const byLabels = new Map<string, { readonly labels: Sample['labels']; readonly histogram: ExponentialHistogram }>()
  for (const { labels, point } of all) {
    const key = labelsKey(labels)
    const merged = byLabels.get(key) ?? { labels, histogram: new ExponentialHistogram() }
    byLabels.set(key, merged)
    merged.histogram.merge(point)
  }
  return Array.from(byLabels.values(), ({ labels, histogram }) => ({ labels, point: histogram.toPoint() }))
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
function newerExemplar(one: Exemplar | undefined, other: Exemplar | undefined): Exemplar | undefined {
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

/**
 * Identifies a family across processes. The name is not enough: a counter `jobs_total` and a gauge `jobs` are both
 * named `jobs`.
 */
export function familyKey(family: Pick<MetricFamily, 'type' | 'name'>): string {
  return `${family.type} ${family.name}`
}

/**
 * Identifies a sample across processes: its name and its label set, in any order. A label without a value is the same
 * as no label.
 */
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
    .map((name) => `\u0000${name}\u0000${String(labels[name]).length}\u0000${labels[name]}`)
    .join('')
  keys.set(labels, key)
  return key
}
