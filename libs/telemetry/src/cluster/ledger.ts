import type { Exemplar, MetricFamily, Sample } from '../metrics/family.ts'
import { type MergeSource, mergeFamilies, newerExemplar, sampleKey } from '../metrics/merge.ts'
import { type MetricsReport, ReportReader } from './report.ts'

/** The reports of one worker: its totals (counters, histograms, summaries) come often, its gauges with each scrape. */
export interface WorkerReport {
  readonly totals: MetricsReport
  readonly gauges?: MetricsReport
}

/** Reads what the workers report and keeps it beyond their end. */
export class MetricsLedger {
  readonly #workers = new Map<number, WorkerAccount>()
  readonly #past = new Totals()
  readonly #shown = new Map<string, number>()

  /** Takes a report of a worker; its reports must come in their order. */
  record(workerId: number, report: WorkerReport): void {
    let account = this.#workers.get(workerId)
    if (account === undefined) {
      account = new WorkerAccount()
      this.#workers.set(workerId, account)
    }
    account.record(report, this.#past)
  }

  /** Keeps the totals of a worker that has ended, and forgets its gauges. */
  retire(workerId: number): void {
    const account = this.#workers.get(workerId)
    if (account === undefined) return
    this.#past.addFamilies(account.totals())
    this.#workers.delete(workerId)
  }

  /**
   * The families of all processes together, the primary's own among them. No counter, bucket, sum or count is ever less than in an earlier call.
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
    return mergeFamilies(sources).map((family) => (family.type === 'gauge' ? family : this.#neverLess(family)))
  }

  /** Sums of floats depend on their order, so that a total could fall by its last digit when a worker's part moves to the past. */
  #neverLess(family: MetricFamily): MetricFamily {
    return {
      ...family,
      samples: family.samples.map((sample) => {
        const key = `${family.type}\u0000${sampleKey(sample)}`
        const value = Math.max(sample.value, this.#shown.get(key) ?? Number.NEGATIVE_INFINITY)
        this.#shown.set(key, value)
        return value === sample.value ? sample : { ...sample, value }
      }),
    }
  }
}

/** What one worker has reported last. */
class WorkerAccount {
  readonly #totals = new ReportReader()
  readonly #gauges = new ReportReader()

  /** Takes a report; what the worker's own totals have lost by it goes to `past`. */
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

/** What a worker's metrics lost when they were reset or removed between two reports. */
function lostBetween(before: readonly MetricFamily[], after: readonly MetricFamily[]): MetricFamily[] {
  const values = new Map<string, number>()
  for (const family of after) for (const sample of family.samples) values.set(sampleKey(sample), sample.value)
  const isLost = (sample: Sample) => sample.value > (values.get(sampleKey(sample)) ?? Number.NEGATIVE_INFINITY)
  return before
    .map((family) => ({ ...family, samples: family.samples.filter(isLost) }))
    .filter((family) => family.samples.length > 0)
}

/** Sums of the totals of processes that have ended, by family and sample. */
class Totals {
  readonly #families = new Map<string, { readonly family: MetricFamily; readonly samples: Map<string, PastSample> }>()

  addFamilies(families: readonly MetricFamily[]): void {
    for (const family of families) {
      let known = this.#families.get(family.name)
      if (known === undefined) {
        known = { family, samples: new Map() }
        this.#families.set(family.name, known)
      }
      for (const sample of family.samples) addSample(known.samples, sample)
    }
  }

  families(): MetricFamily[] {
    return Array.from(this.#families.values(), ({ family, samples }) => ({
      ...family,
      samples: Array.from(samples.values(), ({ name, labels, value, exemplar }) =>
        exemplar === undefined ? { name, labels, value } : { name, labels, value, exemplar },
      ),
    }))
  }
}

interface PastSample {
  readonly name: string
  readonly labels: Sample['labels']
  value: number
  exemplar: Exemplar | undefined
}

function addSample(samples: Map<string, PastSample>, sample: Sample): void {
  const key = sampleKey(sample)
  const known = samples.get(key)
  if (known === undefined) {
    samples.set(key, { name: sample.name, labels: sample.labels, value: sample.value, exemplar: sample.exemplar })
    return
  }
  known.value += sample.value
  known.exemplar = newerExemplar(known.exemplar, sample.exemplar)
}
