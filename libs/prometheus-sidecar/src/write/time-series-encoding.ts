import type { Distribution, Point, TimeSeriesIdentity } from '../model/time-series.ts'
import { ProtobufWriter, varintLength } from '../protobuf/protobuf-writer.ts'

/*
 * Encodes CreateTimeSeriesRequest by hand: what all points of a series share is encoded once, and a request is
 * assembled from copies. Field numbers are those of google/monitoring/v3/{metric_service,metric}.proto and
 * google/api/{metric,monitored_resource,distribution}.proto.
 */

const METRIC_KIND = { GAUGE: 1, CUMULATIVE: 3 } as const
const VALUE_TYPE = { INT64: 2, DOUBLE: 3, DISTRIBUTION: 5 } as const

/** Reused for each series. */
const identityWriter = new ProtobufWriter(1024)

/** Encodes the fields of a `TimeSeries` that all its points share: metric, resource, metric kind and value type. */
export function encodeIdentity(identity: TimeSeriesIdentity): Buffer {
  const writer = identityWriter
  writer.length = 0
  writer.message(0x0a, (metric) => {
    writeLabels(metric, 0x12, identity.metricLabels)
    metric.text(0x1a, identity.metricType)
  })
  writer.message(0x12, (resource) => {
    resource.text(0x0a, identity.resourceType)
    writeLabels(resource, 0x12, identity.resourceLabels)
  })
  writer.byte(0x18)
  writer.varint(METRIC_KIND[identity.metricKind])
  writer.byte(0x20)
  writer.varint(VALUE_TYPE[identity.valueType])
  return writer.take()
}

function writeLabels(writer: ProtobufWriter, tag: number, labels: ReadonlyMap<string, string>): void {
  for (const [name, value] of [...labels].sort(([a], [b]) => (a < b ? -1 : 1))) {
    writer.message(tag, (entry) => {
      entry.text(0x0a, name)
      entry.text(0x12, value)
    })
  }
}

/** A time series, and its point in a request. */
export interface EncodableSeries {
  /** See {@link encodeIdentity}. */
  readonly identity: Uint8Array
  readonly head: { readonly point: Point | undefined } | undefined
  /** Whether its number is an INT64. */
  readonly integer: boolean
}

/** The maximum for a number, its interval and their lengths; a distribution may take more. */
const POINT_BYTES = 64
const scratch = new ProtobufWriter(64 * 1024)

/** As many bytes as a request takes, unless it has distributions. */
export function requestBytes(name: string, all: readonly EncodableSeries[]): number {
  let bytes = name.length + 8
  for (let index = 0; index < all.length; index++)
    bytes += (all[index] as EncodableSeries).identity.length + POINT_BYTES
  return bytes
}

/**
 * Encodes a `CreateTimeSeriesRequest` with one point of each series. `name` is `projects/ID`. The result is in the
 * buffer of the writer, which must be empty.
 */
export function encodeRequest(
  name: string,
  all: readonly EncodableSeries[],
  request = new ProtobufWriter(requestBytes(name, all)),
): Buffer {
  request.text(0x1a, name)
  for (const { identity, head, integer } of all) {
    const point = head?.point
    if (point === undefined) continue
    scratch.length = 0
    writePoint(scratch, point, integer)
    const pointLength = scratch.length
    request.byte(0x12)
    request.varint(identity.length + 1 + varintLength(pointLength) + pointLength)
    request.append(identity)
    request.field(0x2a, scratch.bytes, pointLength)
  }
  return request.bytes.subarray(0, request.length)
}

/** The interval of the last point, which is usually that of the next one too. */
const lastInterval = new ProtobufWriter(64)
let lastStartMs = Number.NaN
let lastEndMs = Number.NaN

function writeInterval(writer: ProtobufWriter, startMs: number, endMs: number): void {
  if (endMs !== lastEndMs || !Object.is(startMs, lastStartMs)) {
    lastInterval.length = 0
    const interval = open(lastInterval, 0x0a)
    writeTimestamp(lastInterval, 0x12, endMs)
    if (!Number.isNaN(startMs)) writeTimestamp(lastInterval, 0x0a, startMs)
    close(lastInterval, interval)
    lastStartMs = startMs
    lastEndMs = endMs
  }
  writer.append(lastInterval.bytes, lastInterval.length)
}

function writePoint(writer: ProtobufWriter, point: Point, integer: boolean): void {
  writeInterval(writer, point.startMs ?? Number.NaN, point.endMs)
  const { value } = point
  if (typeof value !== 'number') {
    const distribution = encodeDistribution(value)
    writer.byte(0x12)
    writer.varint(1 + varintLength(distribution.length) + distribution.length)
    writer.field(0x2a, distribution)
    return
  }
  const typed = open(writer, 0x12)
  if (integer) {
    writer.byte(0x10)
    writer.int64(value)
  } else {
    writer.byte(0x19)
    writer.double(value)
  }
  close(writer, typed)
}

/** Begins a message of less than 128 bytes; returns where its content starts. */
function open(writer: ProtobufWriter, tag: number): number {
  writer.byte(tag)
  writer.byte(0)
  return writer.length
}

function close(writer: ProtobufWriter, start: number): void {
  writer.bytes[start - 1] = writer.length - start
}

function writeTimestamp(writer: ProtobufWriter, tag: number, timestampMs: number): void {
  const seconds = Math.floor(timestampMs / 1000)
  const nanos = Math.round((timestampMs - seconds * 1000) * 1e6)
  const start = open(writer, tag)
  writer.byte(0x08)
  writer.varint(seconds)
  if (nanos > 0) {
    writer.byte(0x10)
    writer.varint(nanos)
  }
  close(writer, start)
}

const distributionWriter = new ProtobufWriter(16 * 1024)
const packedWriter = new ProtobufWriter(4 * 1024)

/** Encodes a `google.api.Distribution` into a buffer that the next call reuses. */
function encodeDistribution(distribution: Distribution): Uint8Array {
  const writer = distributionWriter
  writer.length = 0
  writer.byte(0x08)
  writer.varint(distribution.count)
  writer.byte(0x11)
  writer.double(distribution.mean)
  writer.byte(0x19)
  writer.double(distribution.sumOfSquaredDeviation)

  writeBucketOptions(writer, distribution)

  packedWriter.length = 0
  for (const count of distribution.bucketCounts) packedWriter.varint(count)
  writer.field(0x3a, packedWriter.bytes, packedWriter.length)

  for (const exemplar of distribution.exemplars) {
    writer.message(0x52, (inner) => {
      inner.byte(0x09)
      inner.double(exemplar.value)
      writeTimestamp(inner, 0x12, exemplar.timestampMs)
      const { spanName, labels } = exemplar
      if (spanName !== undefined) {
        writeAny(inner, 'google.monitoring.v3.SpanContext', (context) => context.text(0x0a, spanName))
      }
      if (labels.size > 0) {
        writeAny(inner, 'google.monitoring.v3.DroppedLabels', (dropped) => writeLabels(dropped, 0x0a, labels))
      }
    })
  }
  return writer.bytes.subarray(0, writer.length)
}

function writeBucketOptions(writer: ProtobufWriter, { bounds, exponential }: Distribution): void {
  if (exponential !== undefined) {
    writer.message(0x32, (options) =>
      options.message(0x12, (buckets) => {
        buckets.byte(0x08)
        buckets.varint(exponential.finiteBuckets)
        buckets.byte(0x11)
        buckets.double(exponential.growthFactor)
        buckets.byte(0x19)
        buckets.double(exponential.scale)
      }),
    )
    return
  }
  const boundsLength = bounds.length * 8
  const explicitLength = 1 + varintLength(boundsLength) + boundsLength
  writer.byte(0x32)
  writer.varint(1 + varintLength(explicitLength) + explicitLength)
  writer.byte(0x1a)
  writer.varint(explicitLength)
  writer.byte(0x0a)
  writer.varint(boundsLength)
  for (const bound of bounds) writer.double(bound)
}

function writeAny(writer: ProtobufWriter, type: string, write: (inner: ProtobufWriter) => void): void {
  writer.message(0x1a, (any) => {
    any.text(0x0a, `type.googleapis.com/${type}`)
    any.message(0x12, write)
  })
}
