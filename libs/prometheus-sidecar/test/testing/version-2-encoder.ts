import protobuf from 'protobufjs'
import { HISTOGRAM_DEFINITION } from './histogram-definition.ts'
import type { PlainHistogram } from './write-request-encoder.ts'

/** A remote_write 2.0 request as plain values, with labels in the order in which they should be sent. */
export interface PlainRequest2 {
  readonly timeseries: readonly PlainSeries2[]
}

export interface PlainSeries2 {
  readonly labels: Readonly<Record<string, string>>
  readonly samples?: readonly { value: number; timestamp: number; startTimestamp?: number }[]
  readonly histograms?: readonly PlainHistogram[]
  readonly exemplars?: readonly { labels: Readonly<Record<string, string>>; value: number; timestamp: number }[]
  readonly type?: number
  readonly createdTimestamp?: number
}

const schema = protobuf
  .parse(`
  syntax = "proto3";
  package io.prometheus.write.v2;
  message Request { repeated string symbols = 4; repeated TimeSeries timeseries = 5; }
  message TimeSeries {
    repeated uint32 labels_refs = 1;
    repeated Sample samples = 2;
    repeated Histogram histograms = 3;
    repeated Exemplar exemplars = 4;
    Metadata metadata = 5;
    int64 created_timestamp = 6;
  }
  message Exemplar { repeated uint32 labels_refs = 1; double value = 2; int64 timestamp = 3; }
  message Sample { double value = 1; int64 timestamp = 2; int64 start_timestamp = 3; }
  message Metadata { int32 type = 1; uint32 help_ref = 3; uint32 unit_ref = 4; }
  ${HISTOGRAM_DEFINITION}
    int64 start_timestamp = 17;
  }
`)
  .root.lookupType('io.prometheus.write.v2.Request')

/** Encodes a request without compression. */
export function encodeVersion2({ timeseries }: PlainRequest2): Buffer {
  const symbols = ['']
  const ref = (text: string) => {
    const known = symbols.indexOf(text)
    return known >= 0 ? known : symbols.push(text) - 1
  }
  const refs = (labels: Readonly<Record<string, string>>) =>
    Object.entries(labels).flatMap(([name, value]) => [ref(name), ref(value)])
  const series = timeseries.map(({ labels, samples, histograms, exemplars, type, createdTimestamp }) => ({
    labelsRefs: refs(labels),
    samples,
    histograms,
    exemplars: exemplars?.map((exemplar) => ({ ...exemplar, labelsRefs: refs(exemplar.labels) })),
    ...(type === undefined ? {} : { metadata: { type, helpRef: ref('Help.'), unitRef: ref('') } }),
    createdTimestamp,
  }))
  return Buffer.from(schema.encode(schema.fromObject({ symbols, timeseries: series })).finish())
}
