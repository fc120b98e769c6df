import { type Exemplar, type ExponentialSeries, type MetricFamily, mayFall, type Sample } from '../metrics/family.ts'
import { familyKey } from '../metrics/merge.ts'

/** A family without its values. */
interface FamilyLayout extends Omit<MetricFamily, 'samples' | 'exponential'> {
  readonly samples: readonly Pick<Sample, 'name' | 'labels'>[]
}

/**
 * The samples that one process sends to another. Names and label sets are sent only when they have changed since the
 * previous report, so most reports are a single array of numbers.
 */
export interface MetricsReport {
  readonly layout?: readonly FamilyLayout[]
  /** One value per sample, in the order of the layout. */
  readonly values: Float64Array
  /** The exemplars that are new since the previous report, by the index of their sample. */
  readonly exemplars?: readonly (readonly [index: number, exemplar: Exemplar])[]
  /** The exponential histograms of the families in which they have changed, by index. */
  readonly exponential?: readonly (readonly [index: number, series: readonly ExponentialSeries[]])[]
}

/** Encodes the reports of one process; each depends on the previous ones. */
export class ReportEncoder {
  #layout: readonly FamilyLayout[] | undefined
  #exemplars = new Map<number, Exemplar>()
  /** How many observations of each family's exponential histograms have been reported. */
  #exponentialCounts = new Map<number, number>()

  encode(families: readonly MetricFamily[]): MetricsReport {
    const samples = families.flatMap((family) => family.samples)
    const values = Float64Array.from(samples, (sample) => sample.value)
    const isKnown = this.#layout !== undefined && hasLayout(families, this.#layout)
    if (!isKnown) {
      this.#layout = families.map(toLayout)
      this.#exemplars.clear()
      this.#exponentialCounts.clear()
    }
    const exemplars = this.#newExemplars(samples)
    const exponential = this.#newExponential(families)
    return {
      values,
      ...(isKnown || this.#layout === undefined ? {} : { layout: this.#layout }),
      ...(exemplars.length === 0 ? {} : { exemplars }),
      ...(exponential.length === 0 ? {} : { exponential }),
    }
  }

  #newExponential(families: readonly MetricFamily[]): [number, readonly ExponentialSeries[]][] {
    const fresh: [number, readonly ExponentialSeries[]][] = []
    for (const [index, { exponential }] of families.entries()) {
      if (exponential === undefined) continue
      const count = exponential.reduce((sum, { point }) => sum + point.count, 0)
      if (this.#exponentialCounts.get(index) === count) continue
      this.#exponentialCounts.set(index, count)
      fresh.push([index, exponential])
    }
    return fresh
  }

  #newExemplars(samples: readonly Sample[]): [number, Exemplar][] {
    const fresh: [number, Exemplar][] = []
    for (const [index, { exemplar }] of samples.entries()) {
      if (exemplar === undefined || isSameExemplar(this.#exemplars.get(index), exemplar)) continue
      this.#exemplars.set(index, exemplar)
      fresh.push([index, exemplar])
    }
    return fresh
  }
}

/** Reads the reports of one process, which must arrive in order. */
export class ReportReader {
  #layout: readonly FamilyLayout[] = []
  /** For each sample, whether its value may fall without a reset. */
  #mayFall: readonly boolean[] = []
  #values: Float64Array = new Float64Array()
  #exemplars = new Map<number, Exemplar>()
  #exponential = new Map<number, readonly ExponentialSeries[]>()

  /** Whether `report` has the same samples as the previous one, and none of them was reset. */
  isContinuedBy(report: MetricsReport): boolean {
    return (
      report.layout === undefined &&
      report.values.every((value, index) => value >= (this.#values[index] ?? 0) || this.#mayFall[index] === true)
    )
  }

  read(report: MetricsReport): void {
    if (report.layout !== undefined) {
      this.#layout = report.layout
      this.#mayFall = report.layout.flatMap((family) => family.samples.map((sample) => mayFall(family, sample)))
      this.#exemplars.clear()
      this.#exponential.clear()
    }
    this.#values = report.values
    for (const [index, series] of report.exponential ?? []) this.#exponential.set(index, series)
    for (const [index, exemplar] of report.exemplars ?? []) this.#exemplars.set(index, exemplar)
  }

  /** The families of the latest report. */
  families(): MetricFamily[] {
    let index = 0
    return this.#layout.map((family, familyIndex) => {
      const exponential = this.#exponential.get(familyIndex)
      return {
        ...family,
        samples: family.samples.map(({ name, labels }) => {
          const exemplar = this.#exemplars.get(index)
          const value = this.#values[index++] ?? 0
          return exemplar === undefined ? { name, labels, value } : { name, labels, value, exemplar }
        }),
        ...(exponential === undefined ? {} : { exponential }),
      }
    })
  }
}

function toLayout({ exponential: _, ...family }: MetricFamily): FamilyLayout {
  return { ...family, samples: family.samples.map(({ name, labels }) => ({ name, labels: { ...labels } })) }
}

function hasLayout(families: readonly MetricFamily[], layout: readonly FamilyLayout[]): boolean {
  if (families.length !== layout.length) return false
  return families.every((family, familyIndex) => {
    const known = layout[familyIndex]
    if (
      known === undefined ||
      familyKey(known) !== familyKey(family) ||
      known.resets !== family.resets ||
      known.relabels !== family.relabels ||
      known.samples.length !== family.samples.length
    )
      return false
    return family.samples.every((sample, index) => {
      const knownSample = known.samples[index]
      return (
        knownSample !== undefined && knownSample.name === sample.name && isSameLabels(knownSample.labels, sample.labels)
      )
    })
  })
}

function isSameLabels(one: Sample['labels'], other: Sample['labels']): boolean {
  let names = 0
  for (const name in one) {
    if (one[name] !== other[name]) return false
    names++
  }
  for (const _ in other) names--
  return names === 0
}

function isSameExemplar(one: Exemplar | undefined, other: Exemplar): boolean {
  return one !== undefined && one.timestampSeconds === other.timestampSeconds && one.value === other.value
}
