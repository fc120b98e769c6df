import { Tally } from '../results/tally.ts'
import { type ArtilleryMetrics, artilleryMetrics, summaryValues } from './artillery-metrics.ts'

/** How long a period of the report is, as in Artillery. */
const PERIOD_MS = 10_000

type Values = Readonly<Record<string, number>>

/** The metrics of some time, as Artillery writes them. */
export interface ArtilleryStats {
  readonly counters: Values
  readonly rates: Values
  readonly firstCounterAt: number
  readonly firstHistogramAt: number
  readonly lastCounterAt: number
  readonly lastHistogramAt: number
  readonly firstMetricAt: number
  readonly lastMetricAt: number
  readonly period: number
  readonly summaries: Readonly<Record<string, Values>>
  /** The same as `summaries`. */
  readonly histograms: Readonly<Record<string, Values>>
}

/** The JSON report that `artillery run --output` writes. */
export interface ArtilleryReport {
  readonly aggregate: ArtilleryStats
  readonly intermediate: readonly ArtilleryStats[]
}

/** Collects what is counted by periods of ten seconds, for Artillery's report. */
export class ArtilleryReportBuilder {
  readonly #endpoints: ReadonlyMap<string, string>
  readonly #periods = new Map<number, Tally>()
  readonly #closed: ArtilleryStats[] = []

  /** @param endpoints Artillery's names of endpoints by those of their series. */
  constructor(endpoints: ReadonlyMap<string, string>) {
    this.#endpoints = endpoints
  }

  /** Adds what was counted in part of a second. */
  add(windowMs: number, tally: Tally): void {
    const period = Math.floor(windowMs / PERIOD_MS) * PERIOD_MS
    const known = this.#periods.get(period) ?? new Tally()
    known.merge(tally)
    this.#periods.set(period, known)
    // Reports of a second come within a second: a period before the last one is complete.
    for (const [atMs, whole] of this.#periods) {
      if (atMs < period - PERIOD_MS) this.#close(atMs, whole)
    }
  }

  /** @param run the whole run: its tally and its time under load. */
  build(run: {
    readonly tally: Tally
    readonly startedMs: number
    readonly endedMs: number
    readonly seconds: number
  }) {
    for (const [atMs, tally] of this.#periods) this.#close(atMs, tally)
    const intermediate = this.#closed.toSorted((a, b) => a.period - b.period)
    const metrics = artilleryMetrics(run.tally, run.seconds, this.#endpoints)
    const period = intermediate.at(-1)?.period ?? Math.floor(run.endedMs / PERIOD_MS) * PERIOD_MS
    const report: ArtilleryReport = { aggregate: statsOf(metrics, run.startedMs, run.endedMs, period), intermediate }
    return report
  }

  #close(atMs: number, tally: Tally): void {
    this.#periods.delete(atMs)
    const metrics = artilleryMetrics(tally, PERIOD_MS / 1000, this.#endpoints)
    this.#closed.push(statsOf(metrics, atMs, atMs + PERIOD_MS, atMs))
  }
}

function statsOf(
  { counters, rates, summaries }: ArtilleryMetrics,
  firstMs: number,
  lastMs: number,
  period: number,
): ArtilleryStats {
  const measured = [...summaries].filter(([, sketch]) => sketch.count > 0)
  const values = Object.fromEntries(measured.map(([name, sketch]) => [name, summaryValues(sketch)]))
  const [firstHistogramAt, lastHistogramAt] = measured.length > 0 ? [firstMs, lastMs] : [0, 0]
  return {
    counters: Object.fromEntries(counters),
    rates: Object.fromEntries([...rates].map(([name, rate]) => [name, Math.round(rate)])),
    ...{ firstCounterAt: firstMs, firstHistogramAt, lastCounterAt: lastMs, lastHistogramAt },
    ...{ firstMetricAt: firstMs, lastMetricAt: lastMs, period },
    summaries: values,
    histograms: values,
  }
}
