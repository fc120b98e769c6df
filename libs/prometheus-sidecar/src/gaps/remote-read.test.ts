import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import protobuf from 'protobufjs'
import SnappyJS from 'snappyjs'
import {
  compress,
  encodeWriteRequest,
  type PlainSeries,
  sortedLabels,
} from '../../test/testing/write-request-encoder.ts'
import { encodeLabels, labelsKey } from '../model/labels/labels.ts'
import { remoteReader } from './remote-read.ts'

const ReadRequest = protobuf
  .parse(`
  syntax = "proto3";
  package prometheus;
  message ReadRequest { repeated Query queries = 1; repeated int32 accepted_response_types = 2; }
  message Query { int64 start_timestamp_ms = 1; int64 end_timestamp_ms = 2; repeated LabelMatcher matchers = 3; }
  message LabelMatcher { int32 type = 1; string name = 2; string value = 3; }
`)
  .root.lookupType('prometheus.ReadRequest')

/** A `ReadResponse` with one result, which has its series in the same field as a write request. */
function response(timeseries: readonly PlainSeries[]): Buffer {
  const result = encodeWriteRequest({ timeseries })
  const writer = protobuf.Writer.create().uint32(0x0a).bytes(result)
  return compress(writer.finish())
}

const seriesOf = (labels: Record<string, string>, times: readonly number[]): PlainSeries => ({
  labels: sortedLabels(labels),
  histograms: times.map((timestamp) => ({
    timestamp,
    countInt: timestamp,
    sum: 1,
    schema: 3,
    positiveSpans: [{ offset: 0, length: 1 }],
    positiveDeltas: [timestamp],
  })),
})

describe('native histograms by remote_read', () => {
  it('are queried by their target and names', async () => {
    let sent: unknown
    let path = ''
    const read = remoteReader(async (to, body) => {
      path = to
      const bytes = new Uint8Array(SnappyJS.uncompress(body) as Uint8Array)
      sent = ReadRequest.toObject(ReadRequest.decode(bytes), { longs: Number, defaults: true })
      return response([])
    })
    const target = new Map([
      ['job', 'a"b'],
      ['instance', 'h:1'],
    ])
    await read(
      { target, metrics: new Set(['h', 'rpc.seconds']) },
      { fromMs: 1_795_348_800_000, toMs: 1_795_348_860_000 },
    )
    assert.equal(path, '/api/v1/read')
    assert.deepEqual(sent, {
      acceptedResponseTypes: [],
      queries: [
        {
          startTimestampMs: 1_795_348_800_001,
          endTimestampMs: 1_795_348_860_000,
          matchers: [
            { type: 2, name: '__name__', value: 'h|rpc\\.seconds' },
            { type: 0, name: 'job', value: 'a"b' },
            { type: 0, name: 'instance', value: 'h:1' },
          ],
        },
      ],
    })
  })

  it('are found by their canonical labels, oldest first, whatever form the labels have', async () => {
    const labels = { __name__: 'h', job: 'j' }
    const read = remoteReader(async () =>
      response([
        seriesOf({ ...labels, __type__: 'histogram' }, [30, 40]),
        seriesOf(labels, [10, 20]),
        { labels: sortedLabels({ __name__: 'g', job: 'j' }), samples: [{ value: 1, timestamp: 1 }] },
      ]),
    )
    const found = await read({ target: new Map(), metrics: new Set(['h']) }, { fromMs: 0, toMs: 100 })
    assert.deepEqual(
      [...found].map(([key, histograms]) => [key, histograms.map(({ timestampMs, count }) => [timestampMs, count])]),
      [
        [
          labelsKey(encodeLabels(new Map(Object.entries(labels)))),
          [
            [10, 10],
            [20, 20],
            [30, 30],
            [40, 40],
          ],
        ],
      ],
    )
  })

  it('are rejected if the response is not such a message', async () => {
    for (const answer of [Buffer.from([5, 1]), compress(Buffer.from([0x0a, 50, 1]))]) {
      const read = remoteReader(async () => answer)
      await assert.rejects(read({ target: new Map(), metrics: new Set(['h']) }, { fromMs: 0, toMs: 100 }))
    }
  })
})
