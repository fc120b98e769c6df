import protobuf from 'protobufjs'
import SnappyJS from 'snappyjs'

/**
 * A remote_write 1.0 request as plain values. Encoded and decoded by protobufjs, as an independent check of our decoder.
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

/** A native histogram; `countInt` makes it one of integers. */
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
  message BucketSpan { sint32 offset = 1; uint32 length = 2; }
  message Histogram {
    oneof count { uint64 count_int = 1; double count_float = 2; }
    double sum = 3;
    sint32 schema = 4;
    double zero_threshold = 5;
    oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
    repeated BucketSpan negative_spans = 8;
    repeated sint64 negative_deltas = 9;
    repeated double negative_counts = 10;
    repeated BucketSpan positive_spans = 11;
    repeated sint64 positive_deltas = 12;
    repeated double positive_counts = 13;
    int32 reset_hint = 14;
    int64 timestamp = 15;
    repeated double custom_values = 16;
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

/** The labels of a series in the order that Prometheus sends them. */
export function sortedLabels(labels: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(labels)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
