import { decodeLabels } from '../model/labels/labels.ts'
import { METRIC_TYPES, type MetricMetadata, type MetricType } from '../model/metadata.ts'
import type { NativeHistogram } from '../model/native-histogram.ts'
import type { Exemplar, SeriesSpan } from '../model/sample.ts'
import { ProtobufReader, WireFormatError } from '../protobuf/protobuf-reader.ts'
import { decodeNativeHistogram } from './native-histogram-message.ts'
import {
  addUnusable,
  ITEMS_PER_HISTOGRAM,
  isStaleMarker,
  MAX_EXEMPLAR_LABEL_BYTES,
  NO_EXEMPLARS,
  NO_LIMITS,
  NOTHING_UNUSABLE,
  type RequestLimits,
  TooManyItemsError,
  type Unusable,
  type WriteRequest,
} from './write-request.ts'

/** Tags (number and wire type) of the fields of `prometheus.WriteRequest` and its messages. */
const WRITE_REQUEST_TIMESERIES = 0x0a
const WRITE_REQUEST_METADATA = 0x1a
const SERIES_LABELS = 0x0a
const SERIES_SAMPLES = 0x12
const SERIES_EXEMPLARS = 0x1a
const SERIES_HISTOGRAMS = 0x22
const SAMPLE_VALUE = 0x09
const SAMPLE_TIMESTAMP = 0x10
const EXEMPLAR_LABELS = 0x0a
const EXEMPLAR_VALUE = 0x11
const EXEMPLAR_TIMESTAMP = 0x18
const METADATA_TYPE = 0x08
const METADATA_FAMILY = 0x12
const METADATA_HELP = 0x22
const METADATA_UNIT = 0x2a

/**
 * Decodes the body of a remote_write 1.0 request. Labels remain bytes, so that a known series needs no strings. Unknown
 * fields are skipped, as are series without labels or with labels between their samples, and exemplars with unusable
 * labels.
 *
 * @param bytes - The decompressed body. The batch refers to it, so it must not change while the batch is in use.
 * @throws {WireFormatError} The bytes are not such a message.
 * @throws {TooManyItemsError}
 * @see https://prometheus.io/docs/specs/prw/remote_write_spec/
 */
export function decodeVersion1(bytes: Buffer, { maxItems }: RequestLimits = NO_LIMITS): WriteRequest {
  const cursor = new ProtobufReader(bytes)
  const spans: SeriesSpan[] = []
  const timestampsMs: number[] = []
  const values: number[] = []
  const metadata: MetricMetadata[] = []
  const items: ItemCount = { exemplars: 0, nativeHistograms: 0, droppedExemplars: 0, unusable: NOTHING_UNUSABLE }
  while (cursor.position < bytes.length) {
    const tag = cursor.varint()
    if (tag === WRITE_REQUEST_TIMESERIES) {
      decodeSeries(cursor, cursor.messageEnd(bytes.length), spans, timestampsMs, values, items, maxItems)
    } else if (tag === WRITE_REQUEST_METADATA) {
      metadata.push(decodeMetadata(cursor, cursor.messageEnd(bytes.length)))
    } else {
      cursor.skip(tag, bytes.length)
    }
    const { exemplars, nativeHistograms, unusable } = items
    if (spans.length + unusable.series + values.length + exemplars + nativeHistograms + metadata.length > maxItems)
      throw new TooManyItemsError(maxItems)
  }
  const { exemplars, unusable, droppedExemplars } = items
  return {
    batch: { bytes, spans, timestampsMs, values },
    metadata,
    unusable,
    exemplars: exemplars - droppedExemplars,
    droppedExemplars,
  }
}

interface ItemCount {
  exemplars: number
  nativeHistograms: number
  droppedExemplars: number
  unusable: Unusable
}

/** Appends the spans and samples of a series. */
function decodeSeries(
  cursor: ProtobufReader,
  end: number,
  spans: SeriesSpan[],
  timestampsMs: number[],
  values: number[],
  items: ItemCount,
  maxItems: number,
): void {
  const labelsStart = cursor.position
  let labelsEnd = labelsStart
  const firstSample = values.length
  const firstSpan = spans.length
  let samplesStart = firstSample
  let scattered = false
  let exemplars: Exemplar[] | undefined
  let nativeHistograms: NativeHistogram[] | undefined
  while (cursor.position < end) {
    const fieldStart = cursor.position
    const tag = cursor.varint()
    if (tag === SERIES_LABELS) {
      if (fieldStart !== labelsEnd) scattered = true
      cursor.position = cursor.messageEnd(end)
      labelsEnd = cursor.position
    } else if (tag === SERIES_SAMPLES) {
      if (values.length >= maxItems) throw new TooManyItemsError(maxItems)
      if (decodeSample(cursor, cursor.messageEnd(end), timestampsMs, values)) {
        spans.push(span(labelsStart, labelsEnd, samplesStart, values.length, true, NO_EXEMPLARS))
        samplesStart = values.length
      }
    } else if (tag === SERIES_EXEMPLARS) {
      items.exemplars += 1
      if (items.exemplars > maxItems) throw new TooManyItemsError(maxItems)
      const exemplar = decodeExemplar(cursor, cursor.messageEnd(end))
      if (exemplar === undefined) {
        items.droppedExemplars += 1
        continue
      }
      exemplars ??= []
      exemplars.push(exemplar)
    } else if (tag === SERIES_HISTOGRAMS) {
      items.nativeHistograms += ITEMS_PER_HISTOGRAM
      if (items.nativeHistograms > maxItems) throw new TooManyItemsError(maxItems)
      const histogram = decodeNativeHistogram(cursor, cursor.messageEnd(end))
      if ('unusable' in histogram) {
        items.unusable = addUnusable(items.unusable, 1, `a native histogram: ${histogram.unusable}`)
        continue
      }
      nativeHistograms ??= []
      nativeHistograms.push(histogram)
    } else {
      cursor.skip(tag, end)
    }
  }
  cursor.expectEnd(end)
  if (labelsEnd === labelsStart || scattered) {
    const detail = scattered ? 'the labels of a series are not together at its start' : 'a series has no labels'
    const lost = values.length - firstSample + (nativeHistograms?.length ?? 0)
    items.unusable = addUnusable(items.unusable, lost, detail)
    values.length = timestampsMs.length = firstSample
    spans.length = firstSpan
    return
  }
  if (values.length > samplesStart || exemplars !== undefined || nativeHistograms !== undefined) {
    const last = span(labelsStart, labelsEnd, samplesStart, values.length, false, exemplars ?? NO_EXEMPLARS)
    spans.push(nativeHistograms === undefined ? last : { ...last, nativeHistograms })
  }
}

function span(
  labelsStart: number,
  labelsEnd: number,
  samplesStart: number,
  samplesEnd: number,
  stale: boolean,
  exemplars: readonly Exemplar[],
): SeriesSpan {
  return { labelsStart, labelsEnd, samplesStart, samplesEnd, stale, exemplars }
}

/** Appends a sample; returns whether it is a stale marker. */
function decodeSample(cursor: ProtobufReader, end: number, timestampsMs: number[], values: number[]): boolean {
  let value = 0
  let timestampMs = 0
  let stale = false
  while (cursor.position < end) {
    const tag = cursor.varint()
    if (tag === SAMPLE_VALUE) {
      value = cursor.double(end)
      stale = isStaleMarker(cursor, value)
    } else if (tag === SAMPLE_TIMESTAMP) {
      timestampMs = cursor.int64()
    } else {
      cursor.skip(tag, end)
    }
  }
  cursor.expectEnd(end)
  timestampsMs.push(timestampMs)
  values.push(value)
  return stale
}

/** Undefined if its labels are too long, scattered, repeated or not UTF-8. */
function decodeExemplar(cursor: ProtobufReader, end: number): Exemplar | undefined {
  const labelsStart = cursor.position
  let labelsEnd = labelsStart
  let value = 0
  let timestampMs = 0
  let scattered = false
  while (cursor.position < end) {
    const fieldStart = cursor.position
    const tag = cursor.varint()
    if (tag === EXEMPLAR_LABELS) {
      if (fieldStart !== labelsEnd) scattered = true
      cursor.position = cursor.messageEnd(end)
      labelsEnd = cursor.position
    } else if (tag === EXEMPLAR_VALUE) {
      value = cursor.double(end)
    } else if (tag === EXEMPLAR_TIMESTAMP) {
      timestampMs = cursor.int64()
    } else {
      cursor.skip(tag, end)
    }
  }
  cursor.expectEnd(end)
  if (scattered || labelsEnd - labelsStart > MAX_EXEMPLAR_LABEL_BYTES) return undefined
  try {
    return { labels: decodeLabels(cursor.bytes, labelsStart, labelsEnd), value, timestampMs }
  } catch (error) {
    if (error instanceof WireFormatError) return undefined
    throw error
  }
}

function decodeMetadata(cursor: ProtobufReader, end: number): MetricMetadata {
  let type: MetricType = 'unknown'
  let family = ''
  let help = ''
  let unit = ''
  while (cursor.position < end) {
    const tag = cursor.varint()
    if (tag === METADATA_TYPE) type = METRIC_TYPES[cursor.int64()] ?? 'unknown'
    else if (tag === METADATA_FAMILY) family = cursor.text(end)
    else if (tag === METADATA_HELP) help = cursor.text(end)
    else if (tag === METADATA_UNIT) unit = cursor.text(end)
    else cursor.skip(tag, end)
  }
  cursor.expectEnd(end)
  return { family, type, help, unit }
}
