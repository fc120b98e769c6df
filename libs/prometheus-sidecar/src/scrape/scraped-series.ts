import type { Drop, DropReason } from '../convert/drop-reason.ts'
import { isDrop } from '../convert/plan-series.ts'
import { encodeLabels, type Labels, METRIC_NAME } from '../model/labels/labels.ts'
import type { Exemplar, SampleBatch, SeriesSpan } from '../model/sample.ts'
import { clip } from './exposition-error.ts'
import type { Exposition } from './exposition-parser.ts'
import type { ExposedSample } from './sample-line.ts'
import type { ScrapeTarget } from './scrape-target.ts'
import { parseSeries, type SeriesText } from './series-text.ts'

/** Receives series, and the unusable parts of a scrape. */
export interface ScrapeObserver {
  /** A series of the target appeared. */
  seriesAdded(labels: Labels, target: ScrapeTarget): void
  seriesDropped(drop: { readonly reason: DropReason; readonly detail: string; readonly labels: () => string }): void
  sampleDropped(reason: DropReason): void
  exemplarDropped(): void
}

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

/** A series whose samples are dropped. */
interface UnusableSeries extends Drop {
  scrape: number
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
  readonly #observer: ScrapeObserver
  readonly #known = new Map<string, KnownSeries | UnusableSeries>()
  readonly #report: KnownSeries[] = []
  /** Labels of all known series; those of forgotten ones are dropped when it grows. */
  #labels = Buffer.allocUnsafe(4096)
  #labelsUsed = 0
  #scrape = 0

  constructor(target: ScrapeTarget, observer: ScrapeObserver) {
    this.#target = target
    this.#observer = observer
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
      if (isDrop(known)) {
        known.scrape = this.#scrape
        this.#observer.sampleDropped(known.drop)
        continue
      }
      const ownTimeMs = this.#target.job.honorTimestamps ? sample.timestampMs : undefined
      if (known.scrape === this.#scrape && ownTimeMs === undefined) continue
      known.scrape = this.#scrape
      known.ownTime = ownTimeMs !== undefined
      push(known, sample.value, ownTimeMs ?? timestampMs, this.#exemplars(sample, timestampMs), false)
    }
    for (const [text, known] of this.#known) {
      if (known.scrape === this.#scrape) continue
      if (!isDrop(known) && !known.ownTime) push(known, Number.NaN, timestampMs, NO_EXEMPLARS, true)
      this.#known.delete(text)
    }
    const { up, durationSeconds, samplesScraped } = report
    for (const [index, value] of [up ? 1 : 0, durationSeconds, samplesScraped, samplesScraped].entries()) {
      const known = this.#report[index]
      if (known !== undefined) push(known, value, timestampMs, NO_EXEMPLARS, false)
    }
    return { bytes: this.#labels, spans, timestampsMs, values }
  }

  #exemplars({ exemplar }: ExposedSample, timestampMs: number): readonly Exemplar[] {
    if (exemplar === undefined) return NO_EXEMPLARS
    if (exemplar === 'dropped') {
      this.#observer.exemplarDropped()
      return NO_EXEMPLARS
    }
    return [Number.isNaN(exemplar.timestampMs) ? { ...exemplar, timestampMs } : exemplar]
  }

  #add(text: string): KnownSeries | UnusableSeries {
    const series = parseSeries(text)
    const known = isDrop(series) ? this.#drop(series, text) : this.#define(series)
    this.#known.set(copyOf(text), known)
    return known
  }

  #define({ name, labels: exposed }: SeriesText): KnownSeries {
    const { labels: targetLabels, job } = this.#target
    const labels = seriesLabels(name, exposed, targetLabels, job.honorLabels)
    this.#observer.seriesAdded(labels, this.#target)
    return this.#keep(encodeLabels(labels))
  }

  #drop(drop: Drop, text: string): UnusableSeries {
    this.#observer.seriesDropped({ reason: drop.drop, detail: drop.detail, labels: () => clip(text.toWellFormed()) })
    return { ...drop, scrape: -1 }
  }

  #keep(labels: Buffer): KnownSeries {
    if (this.#labelsUsed + labels.length > this.#labels.length) this.#moveLabels(labels.length)
    const labelsStart = this.#labelsUsed
    this.#labelsUsed += labels.copy(this.#labels, labelsStart)
    return { labelsStart, labelsEnd: this.#labelsUsed, scrape: -1, ownTime: false }
  }

  /** Moves the labels to a new buffer, since a batch may still use the old one. */
  #moveLabels(room: number): void {
    const live = [...this.#report]
    for (const known of this.#known.values()) if (!isDrop(known)) live.push(known)
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

/** A copy that shares no memory with the exposition that the text is a part of, which would be kept otherwise. */
function copyOf(text: string): string {
  const encoding = text.isWellFormed() ? 'utf8' : 'utf16le'
  return Buffer.from(text, encoding).toString(encoding)
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
