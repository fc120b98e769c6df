import type { Drop, DropReason } from '../convert/drop-reason.ts'
import { isDrop } from '../convert/plan-series.ts'
import type { SeriesLookup } from '../model/ingester.ts'
import { encodeLabels, type Labels, METRIC_NAME } from '../model/labels/labels.ts'
import { type ComposedLabels, hashLabels } from '../model/labels/labels-hash.ts'
import type { Exemplar, KnownSeries, SampleBatch, SeriesSpan } from '../model/sample.ts'
import { clip } from './exposition-error.ts'
import type { Exposition } from './exposition-parser.ts'
import type { ExpectedSample, ExposedSample } from './sample-line.ts'
import type { ScrapeTarget } from './scrape-target.ts'
import { parseSeries, type SeriesText } from './series-text.ts'

/** Is notified of new series and of the unusable parts of a scrape. */
export interface ScrapeObserver {
  /** A series of the target appeared. */
  seriesAdded(labels: Labels, target: ScrapeTarget): void
  seriesDropped(drop: { readonly reason: DropReason; readonly detail: string; readonly labels: () => string }): void
  sampleDropped(reason: DropReason): void
  exemplarDropped(): void
}

/** What a scrape reports about itself, as the four series that Prometheus adds. */
export interface ScrapeReport {
  readonly up: boolean
  readonly durationSeconds: number
  readonly samplesScraped: number
}

/** The batch of a scrape, which a later scrape may reuse. */
export interface ScrapedBatch extends SampleBatch {
  bytes: Buffer
  readonly spans: SeriesSpan[]
  readonly timestampsMs: number[]
  readonly values: number[]
}

/**
 * A series as the lines name it. It is also its own sample in the next scrape, unless that has a timestamp or an
 * exemplar.
 */
abstract class ScrapedText implements ExpectedSample {
  /** Name and labels; empty for the series that Prometheus adds. */
  readonly series: string
  value = Number.NaN
  readonly timestampMs = undefined
  readonly exemplar = undefined
  /** Number of the last scrape that contained it. */
  scrape = -1

  constructor(series: string) {
    this.series = series
  }
}

class ScrapedLabels extends ScrapedText {
  /** In the form of `encodeLabels`, while the ingester does not know the series. */
  labels: Buffer | undefined
  /** Whether its samples have their own timestamps; if so, it does not go stale. */
  ownTime = false
  /** Its last span, reused if the next one is the same. */
  span: SeriesSpan | undefined = undefined

  constructor(series: string, labels: Buffer) {
    super(series)
    this.labels = labels
  }
}

/** A series whose samples are dropped. */
class UnusableSeries extends ScrapedText {
  readonly reason: DropReason

  constructor(series: string, reason: DropReason) {
    super(series)
    this.reason = reason
  }
}

type ScrapedSample = ScrapedLabels | UnusableSeries

const REPORT_NAMES = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
]
const NO_EXEMPLARS: readonly Exemplar[] = []
const NO_SAMPLES: readonly ExposedSample[] = []
const NO_LABELS = Buffer.alloc(0)
const NOTHING_KNOWN: SeriesLookup = { seriesOf: () => undefined }

/** Labels in the form of `encodeLabels`. */
class EncodedLabels implements ComposedLabels {
  readonly hash: number
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.hash = hashLabels(bytes)
  }

  are(bytes: Uint8Array): boolean {
    return this.#bytes.equals(bytes)
  }
}

/**
 * The series of one target from scrape to scrape. Encodes the labels of each series once, finds them again by the
 * series' string in the line, and ends series that are gone with a stale marker.
 */
export class ScrapedSeries {
  readonly #target: ScrapeTarget
  readonly #observer: ScrapeObserver
  readonly #lookup: SeriesLookup
  readonly #known = new Map<string, ScrapedSample>()
  readonly #report: ScrapedLabels[] = []
  /** The series of the last scrape. */
  readonly #order: ScrapedSample[] = []
  /** Of the batch being built, and their length together. */
  #labels: Buffer[] = []
  #labelsLength = 0
  #scrape = 0
  /** A batch that was ingested. */
  #unused: ScrapedBatch | undefined
  #unusedSamples: ExposedSample[] | undefined
  /** How many samples the batch being built has. */
  #samples = 0

  /** @param lookup - finds the series in the ingester, so that the ingester need not look for them each time */
  constructor(target: ScrapeTarget, observer: ScrapeObserver, lookup: SeriesLookup = NOTHING_KNOWN) {
    this.#target = target
    this.#observer = observer
    this.#lookup = lookup
    for (const name of REPORT_NAMES)
      this.#report.push(new ScrapedLabels('', encodeLabels(new Map(target.labels).set(METRIC_NAME, name))))
  }

  /** The series of the last scrape, in their order. */
  get expected(): readonly ExpectedSample[] {
    return this.#order
  }

  /**
   * Builds the batch of a scrape. Without an exposition (the scrape failed), all series end. Throws an
   * `ExpositionError` without changing anything.
   */
  batch(exposition: Exposition | undefined, timestampMs: number, report: ScrapeReport): ScrapedBatch {
    const samples = exposition?.samples ?? NO_SAMPLES
    const isExpected = samples.every(isScraped)
    const all = isExpected
      ? samples
      : samples.map((each) => (isScraped(each) ? each : (this.#known.get(each.series) ?? this.#add(each.series))))
    this.#scrape += 1
    // Other samples refer to the text of their exposition, which must not stay in memory.
    if (isExpected) this.#unusedSamples = exposition?.samples

    const batch = this.#unused ?? { bytes: NO_LABELS, spans: [], timestampsMs: [], values: [] }
    this.#unused = undefined
    this.#samples = 0
    let seen = 0
    for (let index = 0; index < samples.length; index++) {
      const sample = samples[index]
      const known = all[index]
      if (sample === undefined || known === undefined) continue
      if (known.scrape !== this.#scrape) this.#order[seen++] = known
      if (known instanceof UnusableSeries) {
        known.scrape = this.#scrape
        this.#observer.sampleDropped(known.reason)
        continue
      }
      const ownTimeMs = this.#target.job.honorTimestamps ? sample.timestampMs : undefined
      if (known.scrape === this.#scrape && ownTimeMs === undefined) continue
      known.scrape = this.#scrape
      known.ownTime = ownTimeMs !== undefined
      this.#push(batch, known, sample.value, ownTimeMs ?? timestampMs, this.#exemplars(sample, timestampMs), false)
    }
    this.#order.length = seen
    if (seen < this.#known.size) {
      for (const known of this.#known.values()) {
        if (known.scrape === this.#scrape) continue
        if (known instanceof ScrapedLabels && !known.ownTime)
          this.#push(batch, known, Number.NaN, timestampMs, NO_EXEMPLARS, true)
        this.#known.delete(known.series)
      }
    }
    const { up, durationSeconds, samplesScraped } = report
    for (const [index, value] of [up ? 1 : 0, durationSeconds, samplesScraped, samplesScraped].entries()) {
      const known = this.#report[index]
      if (known !== undefined) this.#push(batch, known, value, timestampMs, NO_EXEMPLARS, false)
    }
    batch.bytes = this.#takeLabels()
    batch.spans.length = batch.timestampsMs.length = batch.values.length = this.#samples
    return batch
  }

  /** An array for the samples of the next exposition. */
  takeSamples(): ExposedSample[] {
    const samples = this.#unusedSamples ?? []
    this.#unusedSamples = undefined
    return samples
  }

  /** Call it once a batch is ingested: the next one is written over it. */
  reuse(batch: ScrapedBatch): void {
    this.#unused = batch
  }

  #push(
    { spans, timestampsMs, values }: ScrapedBatch,
    known: ScrapedLabels,
    value: number,
    timeMs: number,
    exemplars: readonly Exemplar[],
    stale: boolean,
  ): void {
    const at = this.#samples++
    timestampsMs[at] = timeMs
    values[at] = value
    const { span } = known
    let series = span?.series
    if (series === undefined || series.isForgotten) series = this.#find(known)
    if (
      span !== undefined &&
      series !== undefined &&
      span.series === series &&
      span.samplesStart === at &&
      span.exemplars === exemplars &&
      span.stale === stale
    ) {
      spans[at] = span
      return
    }
    const labelsStart = this.#labelsLength
    if (series === undefined) this.#addLabels(labelsOf(known))
    const labelsEnd = this.#labelsLength
    known.span = { labelsStart, labelsEnd, samplesStart: at, samplesEnd: at + 1, stale, exemplars, series }
    spans[at] = known.span
  }

  #find(known: ScrapedLabels): KnownSeries | undefined {
    const series = this.#lookup.seriesOf(new EncodedLabels(labelsOf(known)))
    if (series !== undefined) known.labels = undefined
    return series
  }

  #addLabels(labels: Buffer): void {
    this.#labels.push(labels)
    this.#labelsLength += labels.length
  }

  #takeLabels(): Buffer {
    if (this.#labelsLength === 0) return NO_LABELS
    const taken = Buffer.concat(this.#labels, this.#labelsLength)
    this.#labels = []
    this.#labelsLength = 0
    return taken
  }

  #exemplars({ exemplar }: ExposedSample, timestampMs: number): readonly Exemplar[] {
    if (exemplar === undefined) return NO_EXEMPLARS
    if (exemplar === 'dropped') {
      this.#observer.exemplarDropped()
      return NO_EXEMPLARS
    }
    return [Number.isNaN(exemplar.timestampMs) ? { ...exemplar, timestampMs } : exemplar]
  }

  #add(scraped: string): ScrapedSample {
    const series = parseSeries(scraped)
    const text = copyOf(scraped)
    const known = isDrop(series) ? this.#drop(series, text) : this.#define(series, text)
    this.#known.set(text, known)
    return known
  }

  #define({ name, labels: exposed }: SeriesText, text: string): ScrapedLabels {
    const { labels: targetLabels, job } = this.#target
    const labels = seriesLabels(name, exposed, targetLabels, job.honorLabels)
    this.#observer.seriesAdded(labels, this.#target)
    return new ScrapedLabels(text, encodeLabels(labels))
  }

  #drop(drop: Drop, text: string): UnusableSeries {
    this.#observer.seriesDropped({ reason: drop.drop, detail: drop.detail, labels: () => clip(text.toWellFormed()) })
    return new UnusableSeries(text, drop.drop)
  }
}

/** The labels of a series that the ingester does not know, or no longer. */
function labelsOf(known: ScrapedLabels): Buffer {
  known.labels ??= Buffer.from(known.span?.series?.labels ?? NO_LABELS)
  return known.labels
}

/** Whether a sample belongs to a series of the last scrape. */
function isScraped(sample: ExposedSample): sample is ScrapedSample {
  return sample instanceof ScrapedText
}

/** Copies a string, so that it does not keep the whole exposition in memory. */
function copyOf(text: string): string {
  const encoding = text.isWellFormed() ? 'utf8' : 'utf16le'
  return Buffer.from(text, encoding).toString(encoding)
}

/**
 * Merges the labels of an exposed series and of its target. In a conflict the series' own label becomes `exported_…`,
 * or wins with `honorLabels`.
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
