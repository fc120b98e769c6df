import protobuf from 'protobufjs'
import SnappyJS from 'snappyjs'
import { HISTOGRAM_DEFINITION } from './histogram-definition.ts'

/**
 * A remote_write 1.0 request as plain values. Encoded and decoded by protobufjs, as an independent check of our
 * decoder.
 */
export interface PlainWriteRequest {
  readonly timeseries?: readonly PlainSeries[]
  readonly metadata?: readonly { type: number; metricFamilyName: string; help?: string; unit?: string }[]
}

export interface PlainSeries {
  readonly labels: readonly { name: string; value: string }[]
  readonly samples?: readonly { value: number; timestamp: number }[]
  readonly exemplars?: readonly {
    labels: readonly { name: string; value: string }[]
    value: number
    timestamp: number
  }[]
  readonly histograms?: readonly PlainHistogram[]
}

/** A native histogram; with `countInt` it is an integer histogram. */
export interface PlainHistogram {
  readonly timestamp: number
  readonly countInt?: number
  readonly countFloat?: number
  readonly sum: number
  readonly schema?: number
  readonly zeroThreshold?: number
  readonly zeroCountInt?: number
  readonly zeroCountFloat?: number
  readonly negativeSpans?: readonly { offset: number; length: number }[]
  readonly negativeDeltas?: readonly number[]
  readonly negativeCounts?: readonly number[]
  readonly positiveSpans?: readonly { offset: number; length: number }[]
  readonly positiveDeltas?: readonly number[]
  readonly positiveCounts?: readonly number[]
  readonly resetHint?: number
  readonly customValues?: readonly number[]
  /** Only in 2.0. */
  readonly startTimestamp?: number
}

const schema = protobuf
  .parse(`
  syntax = "proto3";
  package prometheus;
  message WriteRequest { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3; }
  message MetricMetadata { int32 type = 1; string metric_family_name = 2; string help = 4; string unit = 5; }
  message TimeSeries {
    repeated Label labels = 1;
    repeated Sample samples = 2;
    repeated Exemplar exemplars = 3;
    repeated Histogram histograms = 4;
  }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }
  message Exemplar { repeated Label labels = 1; double value = 2; int64 timestamp = 3; }
  ${HISTOGRAM_DEFINITION}
  }
`)
  .root.lookupType('prometheus.WriteRequest')

/** Encodes a request without compression. */
export function encodeWriteRequest(request: PlainWriteRequest): Buffer {
  return Buffer.from(schema.encode(schema.fromObject(request)).finish())
}

/** Reads an uncompressed request. */
export function decodeByProtobufjs(bytes: Uint8Array): PlainWriteRequest {
  return schema.toObject(schema.decode(bytes), { longs: Number, arrays: true, defaults: true }) as PlainWriteRequest
}

/** Compresses as remote_write does. */
export function compress(bytes: Uint8Array): Buffer {
  return Buffer.from(SnappyJS.compress(bytes))
}

/** The labels of a series in the order in which Prometheus sends them. */
export function sortedLabels(labels: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(labels)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
