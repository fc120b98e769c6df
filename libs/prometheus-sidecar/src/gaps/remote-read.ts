import { canonicalBytes } from '../model/labels/canonical-labels.ts'
import { type Labels, labelsKey, METRIC_NAME } from '../model/labels/labels.ts'
import type { NativeHistogram } from '../model/native-histogram.ts'
import { ProtobufReader } from '../protobuf/protobuf-reader.ts'
import { ProtobufWriter } from '../protobuf/protobuf-writer.ts'
import { compressLiterally, decompressSnappyBlock } from '../remote-write/snappy.ts'
import { decodeVersion1 } from '../remote-write/version-1.ts'

/** Posts a body to Prometheus' API and returns that of the response; rejects with a `PrometheusApiError`. */
export type PostToPrometheus = (
  path: string,
  body: Buffer,
  options: { readonly headers: Readonly<Record<string, string>>; readonly timeoutMs: number },
) => Promise<Buffer>

/** Native histograms after `fromMs` up to `toMs`, by the `labelsKey` of their series' canonical labels. */
export type ReadHistograms = (
  selection: { readonly target: Labels; readonly metrics: ReadonlySet<string> },
  range: { readonly fromMs: number; readonly toMs: number },
) => Promise<ReadonlyMap<string, readonly NativeHistogram[]>>

/** Tags of `prometheus.ReadRequest` and its messages. */
const REQUEST_QUERIES = 0x0a
const QUERY_START = 0x08
const QUERY_END = 0x10
const QUERY_MATCHERS = 0x1a
const MATCHER_TYPE = 0x08
const MATCHER_NAME = 0x12
const MATCHER_VALUE = 0x1a
const EQUAL = 0
const MATCHES = 2
/** Tag of `prometheus.ReadResponse`. */
const RESPONSE_RESULTS = 0x0a

const TIMEOUT_MS = 20_000
const MAX_DECOMPRESSED_BYTES = 256 * 1024 * 1024
const HEADERS = {
  'Content-Type': 'application/x-protobuf',
  'Content-Encoding': 'snappy',
  'X-Prometheus-Remote-Read-Version': '0.1.0',
}

/**
 * Reads native histograms through Prometheus' remote_read, which returns them whole: the query API omits their layout
 * and their empty buckets.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/remote_read_api/
 */
export function remoteReader(post: PostToPrometheus): ReadHistograms {
  return async ({ target, metrics }, { fromMs, toMs }) => {
    const request = encodeReadRequest([...target], metrics, { fromMs, toMs })
    const body = await post('/api/v1/read', compressLiterally(request), { headers: HEADERS, timeoutMs: TIMEOUT_MS })
    return decodeReadResponse(decompressSnappyBlock(body, MAX_DECOMPRESSED_BYTES))
  }
}

function encodeReadRequest(
  target: readonly (readonly [name: string, value: string])[],
  metrics: ReadonlySet<string>,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Buffer {
  const writer = new ProtobufWriter(512)
  writer.message(REQUEST_QUERIES, (query) => {
    query.byte(QUERY_START)
    query.int64(Math.floor(fromMs) + 1)
    query.byte(QUERY_END)
    query.int64(Math.ceil(toMs))
    const names = [...metrics].map((name) => name.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&')).join('|')
    for (const [type, name, value] of [
      [MATCHES, METRIC_NAME, names] as const,
      ...target.map(([name, value]) => [EQUAL, name, value] as const),
    ]) {
      query.message(QUERY_MATCHERS, (matcher) => {
        matcher.byte(MATCHER_TYPE)
        matcher.varint(type)
        matcher.text(MATCHER_NAME, name)
        matcher.text(MATCHER_VALUE, value)
      })
    }
  })
  return writer.take()
}

/** A query result has its series in the same field as a remote_write request. */
export function decodeReadResponse(bytes: Buffer): Map<string, readonly NativeHistogram[]> {
  const reader = new ProtobufReader(bytes)
  const found = new Map<string, NativeHistogram[]>()
  while (reader.position < bytes.length) {
    const tag = reader.varint()
    if (tag !== RESPONSE_RESULTS) {
      reader.skip(tag, bytes.length)
      continue
    }
    const end = reader.messageEnd(bytes.length)
    const { batch } = decodeVersion1(bytes.subarray(reader.position, end))
    reader.position = end
    for (const { labelsStart, labelsEnd, nativeHistograms = [] } of batch.spans) {
      if (nativeHistograms.length === 0) continue
      const key = labelsKey(canonicalBytes(batch.bytes.subarray(labelsStart, labelsEnd)).bytes)
      const series = found.get(key) ?? []
      found.set(key, series)
      series.push(...nativeHistograms)
    }
  }
  for (const series of found.values()) series.sort((a, b) => a.timestampMs - b.timestampMs)
  return found
}
