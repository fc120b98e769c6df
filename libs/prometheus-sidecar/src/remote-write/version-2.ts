import type { FollowerLookup } from '../model/ingester.ts'
import { METRIC_TYPES, type MetricType } from '../model/metadata.ts'
import type { NativeHistogram } from '../model/native-histogram.ts'
import type { Exemplar, KnownSeries, SeriesSpan } from '../model/sample.ts'
import { ProtobufReader, WireFormatError } from '../protobuf/protobuf-reader.ts'
import { decodeNativeHistogram } from './native-histogram-message.ts'
import { References } from './references.ts'
import { ReferredLabels } from './referred-labels.ts'
import { SampleDecoder, type SampleRun } from './sample-decoder.ts'
import { LabelWriter, Symbols } from './symbols.ts'
import {
  addUnusable,
  ITEMS_PER_HISTOGRAM,
  NO_EXEMPLARS,
  NO_LIMITS,
  NOTHING_UNUSABLE,
  type RequestLimits,
  TooManyItemsError,
  type WriteRequest,
} from './write-request.ts'

/** Tags (number and wire type) of the fields of `io.prometheus.write.v2.Request` and its messages. */
const REQUEST_SYMBOLS = 0x22
const REQUEST_TIMESERIES = 0x2a
const SERIES_LABELS_REFS = 0x08
const SERIES_LABELS_REFS_PACKED = 0x0a
const SERIES_SAMPLES = 0x12
const SERIES_HISTOGRAMS = 0x1a
const SERIES_EXEMPLARS = 0x22
const SERIES_METADATA = 0x2a
/** From drafts of the specification: one start for all samples of the series. */
const SERIES_CREATED_TIMESTAMP = 0x30
const METADATA_TYPE = 0x08
const METADATA_HELP_REF = 0x18
const METADATA_UNIT_REF = 0x20
const EXEMPLAR_LABELS_REFS = 0x08
const EXEMPLAR_LABELS_REFS_PACKED = 0x0a
const EXEMPLAR_VALUE = 0x11
const EXEMPLAR_TIMESTAMP = 0x18

/**
 * Decodes the body of a remote_write 2.0 request. The labels of its series are written out in the form of 1.0, sorted,
 * so that a series is the same in either version. Series whose references can't be resolved are skipped, as are those
 * without content.
 *
 * @param bytes - The decompressed body.
 * @param lookup - Finds known series, whose labels are then not written out.
 * @throws {WireFormatError} The bytes are not such a message.
 * @throws {TooManyItemsError}
 * @see https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
 */
export function decodeVersion2(
  bytes: Buffer,
  limits: RequestLimits = NO_LIMITS,
  lookup: FollowerLookup = NOTHING_KNOWN,
): WriteRequest {
  const symbols = readSymbols(bytes, limits.maxItems)
  const decoder = new SeriesDecoder(symbols, limits, lookup)
  const cursor = new ProtobufReader(bytes)
  while (cursor.position < bytes.length) {
    const tag = cursor.varint()
    if (tag === REQUEST_TIMESERIES) decoder.decode(cursor, cursor.messageEnd(bytes.length))
    else cursor.skip(tag, bytes.length)
  }
  return decoder.take()
}

/** The strings of a request, which may come after the series that refer to them. */
function readSymbols(bytes: Buffer, maxItems: number): Symbols {
  const symbols = new Symbols(bytes)
  const cursor = new ProtobufReader(bytes)
  while (cursor.position < bytes.length) {
    const tag = cursor.varint()
    if (tag !== REQUEST_SYMBOLS) {
      cursor.skip(tag, bytes.length)
      continue
    }
    if (symbols.count >= maxItems) throw new TooManyItemsError(maxItems)
    const end = cursor.messageEnd(bytes.length)
    symbols.add(cursor.position, end)
    cursor.position = end
  }
  if (!symbols.startsWithEmpty) throw new WireFormatError('the first symbol is not the empty string')
  return symbols
}

class SeriesDecoder {
  readonly #symbols: Symbols
  readonly #limits: RequestLimits
  readonly #lookup: FollowerLookup
  readonly #labels: LabelWriter
  readonly #spans: SeriesSpan[] = []
  readonly #samples = new SampleDecoder()
  #unusable = NOTHING_UNUSABLE
  #items = 0
  #exemplars = 0
  #droppedExemplars = 0
  #seriesBefore: KnownSeries | undefined
  /** Of the series being decoded. */
  readonly #referred: ReferredLabels
  /** For samples without a start of their own. */
  #createdMs = 0
  #type: MetricType | undefined
  #problem: string | undefined

  constructor(symbols: Symbols, limits: RequestLimits, lookup: FollowerLookup) {
    this.#symbols = symbols
    this.#limits = limits
    this.#lookup = lookup
    this.#referred = new ReferredLabels(symbols)
    this.#labels = new LabelWriter(symbols, 4 * 1024)
  }

  take(): WriteRequest {
    return {
      batch: {
        bytes: this.#labels.bytes,
        spans: this.#spans,
        timestampsMs: this.#samples.timestampsMs,
        values: this.#samples.values,
      },
      metadata: [],
      unusable: this.#unusable,
      exemplars: this.#exemplars,
      droppedExemplars: this.#droppedExemplars,
    }
  }

  decode(cursor: ProtobufReader, end: number): void {
    this.#count()
    this.#referred.next()
    this.#samples.next()
    const { refs } = this.#referred
    this.#type = undefined
    this.#createdMs = 0
    this.#problem = undefined
    let exemplars: Exemplar[] | undefined
    let histograms: NativeHistogram[] | undefined
    let badHistograms = 0
    while (cursor.position < end) {
      const tag = cursor.varint()
      if (tag === SERIES_LABELS_REFS_PACKED) refs.readPacked(cursor, cursor.messageEnd(end))
      else if (tag === SERIES_LABELS_REFS) refs.add(cursor.varint())
      else if (tag === SERIES_SAMPLES) {
        this.#count()
        this.#samples.decode(cursor, cursor.messageEnd(end))
      } else if (tag === SERIES_METADATA) this.#decodeMetadata(cursor, cursor.messageEnd(end))
      else if (tag === SERIES_CREATED_TIMESTAMP) this.#createdMs = cursor.int64()
      else if (tag === SERIES_EXEMPLARS) {
        this.#count()
        const exemplar = this.#decodeExemplar(cursor, cursor.messageEnd(end))
        if (exemplar !== undefined) exemplars = append(exemplars, exemplar)
      } else if (tag === SERIES_HISTOGRAMS) {
        this.#count(ITEMS_PER_HISTOGRAM)
        const histogram = decodeNativeHistogram(cursor, cursor.messageEnd(end))
        if ('unusable' in histogram) {
          badHistograms += 1
          this.#unusable = addUnusable(this.#unusable, 1, `a native histogram: ${histogram.unusable}`)
        } else histograms = append(histograms, histogram)
      } else cursor.skip(tag, end)
    }
    cursor.expectEnd(end)
    const { first, values } = this.#samples
    const isEmpty = values.length === first && exemplars === undefined && histograms === undefined
    if (isEmpty && badHistograms > 0) return
    if (isEmpty) this.#problem ??= 'a series has no samples, native histograms or exemplars'
    this.#addSpans(exemplars, histograms)
  }

  #addSpans(exemplars: Exemplar[] | undefined, nativeHistograms: NativeHistogram[] | undefined): void {
    const labelsStart = this.#labels.length
    const series =
      this.#problem === undefined && this.#referred.areResolvable()
        ? this.#lookup.seriesAfter(this.#seriesBefore, this.#referred)
        : undefined
    this.#seriesBefore = series
    const problem = this.#problem ?? (series === undefined ? this.#labels.write(this.#referred.refs) : undefined)
    if (this.#labels.length > this.#limits.maxLabelBytes) throw new TooManyItemsError(this.#limits.maxItems)
    if (problem !== undefined) {
      this.#labels.length = labelsStart
      const lost = this.#samples.discard() + (nativeHistograms?.length ?? 0)
      this.#unusable = addUnusable(this.#unusable, lost, problem)
      return
    }
    this.#exemplars += exemplars?.length ?? 0
    const { first, values, endedRuns, startMs, stale } = this.#samples
    let samplesStart = first
    for (const run of endedRuns) {
      this.#addSpan(series, labelsStart, samplesStart, run, undefined, undefined)
      samplesStart = run.samplesEnd
    }
    const histograms = nativeHistograms === undefined ? undefined : this.#withStart(nativeHistograms)
    const lastRun = { samplesEnd: values.length, startMs, stale }
    this.#addSpan(series, labelsStart, samplesStart, lastRun, exemplars, histograms)
  }

  #addSpan(
    series: KnownSeries | undefined,
    labelsStart: number,
    samplesStart: number,
    { samplesEnd, startMs, stale }: SampleRun,
    exemplars: readonly Exemplar[] | undefined,
    nativeHistograms: readonly NativeHistogram[] | undefined,
  ): void {
    const createdMs = samplesStart === samplesEnd ? 0 : startMs || this.#createdMs
    this.#spans.push({
      labelsStart,
      labelsEnd: this.#labels.length,
      samplesStart,
      samplesEnd,
      stale,
      exemplars: exemplars ?? NO_EXEMPLARS,
      nativeHistograms,
      type: this.#type,
      series,
      createdMs: createdMs === 0 ? undefined : createdMs,
    })
  }

  #withStart(histograms: readonly NativeHistogram[]): readonly NativeHistogram[] {
    const createdMs = this.#createdMs
    if (createdMs === 0) return histograms
    return histograms.map((histogram) => (Number.isNaN(histogram.createdMs) ? { ...histogram, createdMs } : histogram))
  }

  #decodeMetadata(cursor: ProtobufReader, end: number): void {
    while (cursor.position < end) {
      const tag = cursor.varint()
      if (tag === METADATA_TYPE) {
        const type = cursor.int64()
        this.#type = type === 0 ? undefined : METRIC_TYPES[type]
      } else if (tag === METADATA_HELP_REF || tag === METADATA_UNIT_REF) {
        this.#problem ??= this.#symbols.check(cursor.varint())
      } else cursor.skip(tag, end)
    }
    cursor.expectEnd(end)
  }

  /** Undefined if its labels can't be used. */
  #decodeExemplar(cursor: ProtobufReader, end: number): Exemplar | undefined {
    const refs = new References()
    let value = 0
    let timestampMs = 0
    while (cursor.position < end) {
      const tag = cursor.varint()
      if (tag === EXEMPLAR_LABELS_REFS_PACKED) refs.readPacked(cursor, cursor.messageEnd(end))
      else if (tag === EXEMPLAR_LABELS_REFS) refs.add(cursor.varint())
      else if (tag === EXEMPLAR_VALUE) value = cursor.double(end)
      else if (tag === EXEMPLAR_TIMESTAMP) timestampMs = cursor.int64()
      else cursor.skip(tag, end)
    }
    cursor.expectEnd(end)
    const labels = this.#symbols.labels(refs)
    if (labels !== undefined) return { labels, value, timestampMs }
    this.#droppedExemplars += 1
    return undefined
  }

  #count(items = 1): void {
    this.#items += items
    if (this.#items > this.#limits.maxItems) throw new TooManyItemsError(this.#limits.maxItems)
  }
}

const NOTHING_KNOWN: FollowerLookup = { seriesAfter: () => undefined }

function append<Item>(items: Item[] | undefined, item: Item): Item[] {
  if (items === undefined) return [item]
  items.push(item)
  return items
}
