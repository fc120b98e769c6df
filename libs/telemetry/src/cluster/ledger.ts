import { haveSameBounds } from '../metrics/bucket-bounds.ts'
import { createdName, type MetricFamily, mayFall, type Sample } from '../metrics/family.ts'
import { familyKey, labelsKey, type MergeSource, mergeFamilies, sampleKey } from '../metrics/merge.ts'
import { type MetricsReport, ReportReader } from './report.ts'

/** The relative error that can result from the order of summation. */
const ROUNDING_ERROR = 1e-9

/** The report of one worker. Totals (counters, histograms, summaries) are reported often, gauges only for a scrape. */
export interface WorkerReport {
  readonly totals: MetricsReport
  readonly gauges?: MetricsReport
}

/** The metrics that workers have reported; the totals of workers that have exited are kept. */
export class MetricsLedger {
  readonly #workers = new Map<number, WorkerAccount>()
  readonly #past = new Totals()
  readonly #shown = new Map<string, number>()

  /** Records a report; the reports of a worker must arrive in order. */
  record(workerId: number, report: WorkerReport): void {
    let account = this.#workers.get(workerId)
    if (account === undefined) {
      account = new WorkerAccount()
      this.#workers.set(workerId, account)
    }
    account.record(report, this.#past)
  }

  /** Call it when a worker has exited: its totals are kept, its gauges are dropped. */
  retire(workerId: number): void {
    const account = this.#workers.get(workerId)
    if (account === undefined) return
    this.#past.addFamilies(account.totals())
    this.#workers.delete(workerId)
  }

  /**
   * The families of all processes, including the primary's own. Except for sums with negative observations, no total is
   * ever lower than in an earlier call, and each keeps its start time.
   */
  merge(own: readonly MetricFamily[]): MetricFamily[] {
    const sources: MergeSource[] = [
      { families: own, isPrimary: true },
      { families: this.#past.families(), isPrimary: false },
      ...Array.from(this.#workers.values(), (worker) => ({
        families: [...worker.totals(), ...worker.gauges()],
        isPrimary: false,
      })),
    ]
    return mergeFamilies(sources).map((family) => (family.type === 'gauge' ? family : this.#withoutDecrease(family)))
  }

  /** A sum of floats depends on their order: when a worker exits, the last digit of a total could fall. */
  #withoutDecrease(family: MetricFamily): MetricFamily {
    const created = createdName(family)
    return {
      ...family,
      samples: family.samples.map((sample) => {
        const key = `${familyKey(family)} ${sampleKey(sample)}`
        const shown = this.#shown.get(key)
        const value =
          shown === undefined || sample.name === created ? (shown ?? sample.value) : atLeastShown(family, sample, shown)
        this.#shown.set(key, value)
        return value === sample.value ? sample : { ...sample, value }
      }),
    }
  }
}

function atLeastShown(family: MetricFamily, sample: Sample, shown: number): number {
  const hasFallen = mayFall(family, sample) && shown - sample.value > Math.abs(shown) * ROUNDING_ERROR
  return hasFallen ? sample.value : Math.max(sample.value, shown)
}

/** The latest report of one worker. */
class WorkerAccount {
  readonly #totals = new ReportReader()
  readonly #gauges = new ReportReader()

  /** Records a report; whatever the worker's totals have lost since the previous one is added to `past`. */
  record(report: WorkerReport, past: Totals): void {
    const before = this.#totals.isContinuedBy(report.totals) ? [] : this.#totals.families()
    this.#totals.read(report.totals)
    if (before.length > 0) past.addFamilies(lostBetween(before, this.#totals.families()))
    if (report.gauges !== undefined) this.#gauges.read(report.gauges)
  }

  totals(): MetricFamily[] {
    return this.#totals.families()
  }

  gauges(): MetricFamily[] {
    return this.#gauges.families()
  }
}

/** The totals that were reset or removed between two reports. */
function lostBetween(before: readonly MetricFamily[], after: readonly MetricFamily[]): MetricFamily[] {
  const newFamilies = new Map(after.map((family) => [familyKey(family), family]))
  return before
    .map((family) => withSamples(family, lostSamples(family, newFamilies.get(familyKey(family)))))
    .filter((family) => family.samples.length > 0)
}

/** A family with only some of its samples. */
function withSamples(family: MetricFamily, samples: readonly Sample[]): MetricFamily {
  if (family.exponential === undefined) return { ...family, samples }
  const counts = samples.filter(({ name }) => name === `${family.name}_count`)
  const lost = new Set(counts.map(({ labels }) => labelsKey(labels)))
  return { ...family, samples, exponential: family.exponential.filter(({ labels }) => lost.has(labelsKey(labels))) }
}

function lostSamples(family: MetricFamily, newFamily: MetricFamily | undefined): readonly Sample[] {
  if (newFamily === undefined || newFamily.resets !== family.resets || !haveSameBounds(family, newFamily))
    return family.samples
  if (newFamily.relabels !== family.relabels)
    return family.samples.filter((sample, index) => {
      const same = newFamily.samples[index]
      return same?.name !== sample.name || (same.value < sample.value && !mayFall(family, sample))
    })
  const newValues = new Map(newFamily.samples.map((sample) => [sampleKey(sample), sample.value]))
  return family.samples.filter((sample) => {
    const newValue = newValues.get(sampleKey(sample))
    return newValue === undefined || (newValue < sample.value && !mayFall(family, sample))
  })
}

/** The summed totals of workers that have exited. */
class Totals {
  #families: readonly MetricFamily[] = []

  addFamilies(families: readonly MetricFamily[]): void {
    if (families.length === 0) return
    const sources = [this.#families, families].map((each) => ({ families: each, isPrimary: false }))
    this.#families = mergeFamilies(sources)
  }

  families(): readonly MetricFamily[] {
    return this.#families
  }
}
