import type { Exemplar, MetricFamily, Sample } from '../metrics/family.ts'
import { type MergeSource, mergeFamilies, newerExemplar, sampleKey } from '../metrics/merge.ts'
import { type MetricsReport, ReportReader } from './report.ts'

/** A report of one worker. Totals (counters, histograms, summaries) are reported often, gauges with each scrape. */
export interface WorkerReport {
  readonly totals: MetricsReport
  readonly gauges?: MetricsReport
}

/** The metrics that workers have reported; the totals of workers that have ended are kept. */
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

  /** A worker has ended: its totals are kept, its gauges dropped. */
  retire(workerId: number): void {
    const account = this.#workers.get(workerId)
    if (account === undefined) return
    this.#past.addFamilies(account.totals())
    this.#workers.delete(workerId)
  }

  /** The families of all processes, including the primary's own. No total is ever lower than in an earlier call. */
  merge(own: readonly MetricFamily[]): MetricFamily[] {
    const sources: MergeSource[] = [
      { families: own, isPrimary: true },
      { families: this.#past.families(), isPrimary: false },
      ...Array.from(this.#workers.values(), (worker) => ({
        families: [...worker.totals(), ...worker.gauges()],
        isPrimary: false,
      })),
    ]
    return mergeFamilies(sources).map((family) => (family.type === 'gauge' ? family : this.#neverLower(family)))
  }

  /** The sum of floats depends on their order: when a worker ends, the last digit of a total could fall. */
  #neverLower(family: MetricFamily): MetricFamily {
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

/** The newest report of one worker. */
class WorkerAccount {
  readonly #totals = new ReportReader()
  readonly #gauges = new ReportReader()

  /** Records a report; what the worker's totals have lost since the previous one is added to `past`. */
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
  const values = new Map<string, number>()
  for (const family of after) for (const sample of family.samples) values.set(sampleKey(sample), sample.value)
  const isLost = (sample: Sample) => sample.value > (values.get(sampleKey(sample)) ?? Number.NEGATIVE_INFINITY)
  return before
    .map((family) => ({ ...family, samples: family.samples.filter(isLost) }))
    .filter((family) => family.samples.length > 0)
}

/** The summed totals of workers that have ended. */
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
