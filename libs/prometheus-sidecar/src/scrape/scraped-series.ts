import { encodeLabels, type Labels, METRIC_NAME } from '../model/labels.ts'
import type { Exemplar, SampleBatch, SeriesSpan } from '../model/sample.ts'
import { DEFAULT_EXPOSITION_LIMITS, type Exposition, type ExpositionLimits, parseSeries } from './exposition-parser.ts'
import type { ScrapeTarget } from './scrape-target.ts'

/** What a scrape reports of itself, as the four series that Prometheus adds. */
export interface ScrapeReport {
  readonly up: boolean
  readonly durationSeconds: number
  readonly samplesScraped: number
}

interface KnownSeries {
  labelsStart: number
  labelsEnd: number
  /** Number of the last scrape that contained it. */
  scrape: number
  /** Whether its samples have their own timestamps: then it does not go stale. */
  ownTime: boolean
}

const REPORT_NAMES = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
]
const NO_EXEMPLARS: readonly Exemplar[] = []

/**
 * The series of one target from scrape to scrape. Encodes the labels of each series once, finds them again by the text
 * of the line, and ends series that are gone with a stale marker.
 */
export class ScrapedSeries {
  readonly #target: ScrapeTarget
  readonly #limits: ExpositionLimits
  readonly #known = new Map<string, KnownSeries>()
  readonly #report: KnownSeries[] = []
  /** Labels of all known series; those of forgotten ones are dropped when it grows. */
  #labels = Buffer.allocUnsafe(4096)
  #labelsUsed = 0
  #scrape = 0

  constructor(target: ScrapeTarget, limits: ExpositionLimits = DEFAULT_EXPOSITION_LIMITS) {
    this.#target = target
    this.#limits = limits
    for (const name of REPORT_NAMES)
      this.#report.push(this.#keep(encodeLabels(new Map(target.labels).set(METRIC_NAME, name))))
  }

  /**
   * Makes the batch of a scrape. Without an exposition (the scrape failed), all series end. Throws an
   * `ExpositionError`, and then changes nothing.
   */
  batch(exposition: Exposition | undefined, timestampMs: number, report: ScrapeReport): SampleBatch {
    const samples = exposition?.samples ?? []
    const series = samples.map((sample) => this.#known.get(sample.series) ?? this.#add(sample.series))
    this.#scrape += 1

    const spans: SeriesSpan[] = []
    const timestampsMs: number[] = []
    const values: number[] = []
    const push = (
      known: KnownSeries,
      value: number,
      timeMs: number,
      exemplars: readonly Exemplar[],
      stale: boolean,
    ) => {
      const { labelsStart, labelsEnd } = known
      const at = timestampsMs.push(timeMs) - 1
      values.push(value)
      spans.push({ labelsStart, labelsEnd, samplesStart: at, samplesEnd: at + 1, stale, exemplars })
    }
    for (const [index, sample] of samples.entries()) {
      const known = series[index]
      if (known === undefined) continue
      const ownTimeMs = this.#target.job.honorTimestamps ? sample.timestampMs : undefined
      if (known.scrape === this.#scrape && ownTimeMs === undefined) continue
      known.scrape = this.#scrape
      known.ownTime = ownTimeMs !== undefined
      const exemplar = sample.exemplar
      const exemplars =
        exemplar === undefined
          ? NO_EXEMPLARS
          : [Number.isNaN(exemplar.timestampMs) ? { ...exemplar, timestampMs } : exemplar]
      push(known, sample.value, ownTimeMs ?? timestampMs, exemplars, false)
    }
    for (const [text, known] of this.#known) {
      if (known.scrape === this.#scrape) continue
      if (!known.ownTime) push(known, Number.NaN, timestampMs, NO_EXEMPLARS, true)
      this.#known.delete(text)
    }
    const { up, durationSeconds, samplesScraped } = report
    for (const [index, value] of [up ? 1 : 0, durationSeconds, samplesScraped, samplesScraped].entries()) {
      const known = this.#report[index]
      if (known !== undefined) push(known, value, timestampMs, NO_EXEMPLARS, false)
    }
    return { bytes: this.#labels, spans, timestampsMs, values }
  }

  #add(text: string): KnownSeries {
    const { name, labels } = parseSeries(text, this.#limits)
    const known = this.#keep(
      encodeLabels(seriesLabels(name, labels, this.#target.labels, this.#target.job.honorLabels)),
    )
    this.#known.set(text, known)
    return known
  }

  #keep(labels: Buffer): KnownSeries {
    if (this.#labelsUsed + labels.length > this.#labels.length) this.#moveLabels(labels.length)
    const labelsStart = this.#labelsUsed
    this.#labelsUsed += labels.copy(this.#labels, labelsStart)
    return { labelsStart, labelsEnd: this.#labelsUsed, scrape: -1, ownTime: false }
  }

  /** Moves the labels to a new buffer, since a batch may still use the old one. */
  #moveLabels(room: number): void {
    const live = [...this.#report, ...this.#known.values()]
    let length = room
    for (const { labelsStart, labelsEnd } of live) length += labelsEnd - labelsStart
    const moved = Buffer.allocUnsafe(Math.max(4096, length * 2))
    let used = 0
    for (const known of live) {
      const start = used
      used += this.#labels.copy(moved, used, known.labelsStart, known.labelsEnd)
      known.labelsStart = start
      known.labelsEnd = used
    }
    this.#labels = moved
    this.#labelsUsed = used
  }
}

/**
 * Merges the labels of an exposed series and of its target. In a conflict the series' own becomes `exported_…`, or wins
 * with `honorLabels`.
 */
export function seriesLabels(name: string, exposed: Labels, targetLabels: Labels, honorLabels: boolean): Labels {
  const labels = new Map(exposed)
  for (const [label, value] of targetLabels) {
    const own = exposed.get(label)
    if (own !== undefined && own !== '' && !honorLabels) {
      let exported = `exported_${label}`
      while (labels.has(exported) || targetLabels.has(exported)) exported = `exported_${exported}`
      labels.set(exported, own)
    }
    if (honorLabels ? own === undefined : true) labels.set(label, value)
  }
  return labels.set(METRIC_NAME, name)
}
