import assert from 'node:assert/strict'
import { test } from 'node:test'
import { send, startSidecar, stored } from '../../test/testing/ingester-rig.ts'
import { seededRandom } from '../../test/testing/seeded-random.ts'
import { encodeVersion2 } from '../../test/testing/version-2-encoder.ts'
import type { FollowingLabels } from '../model/labels/following-labels.ts'
import { encodeLabels } from '../model/labels/labels.ts'
import { hashLabels } from '../model/labels/labels-hash.ts'
import { decodeVersion2 } from '../remote-write/version-2.ts'
import { NO_LIMITS } from '../remote-write/write-request.ts'

const LABELS = { __name__: 'g', instance: 'h:1', job: 'j' }

test('a series that was known when its request was decoded but has been forgotten since is a new one', async () => {
  const sidecar = await startSidecar()
  const decoded = (timestamp: number) => {
    const timeseries = [{ labels: LABELS, samples: [{ value: timestamp, timestamp }] }]
    return decodeVersion2(encodeVersion2({ timeseries }), NO_LIMITS, sidecar.ingester).batch
  }
  await sidecar.ingester.ingest(decoded(1000), { deadlineMs: 30_000 })
  const batch = decoded(2000)
  assert.notEqual(batch.spans[0]?.series, undefined)
  sidecar.ingester.forgetAll()
  await sidecar.ingester.ingest(batch, { deadlineMs: 30_000 })
  assert.deepEqual(stored(sidecar), { g: ['1000 1000', '2000 2000'] })
  assert.equal(sidecar.ingester.seriesCount, 1)
})

type Sidecar = Awaited<ReturnType<typeof startSidecar>>

const SENDERS: readonly (readonly [
  version: string,
  send: (sidecar: Sidecar, timestampMs: number, paths: readonly string[]) => Promise<unknown>,
])[] = [
  ['1.0', (sidecar, timestampMs, paths) => send(sidecar, ...paths.map((path) => `g{path=${path}} 1 @${timestampMs}`))],
  [
    '2.0',
    (sidecar, timestampMs, paths) => {
      const timeseries = paths.map((path) => ({
        labels: { ...LABELS, path },
        samples: [{ value: 1, timestamp: timestampMs }],
      }))
      const { batch } = decodeVersion2(encodeVersion2({ timeseries }), NO_LIMITS, sidecar.ingester)
      return sidecar.ingester.ingest(batch, { deadlineMs: 30_000 })
    },
  ],
]

for (const [version, sendPaths] of SENDERS) {
  test(`series of remote_write ${version} are found in any order, even once the one that used to follow is forgotten`, async () => {
    const sidecar = await startSidecar()
    await sendPaths(sidecar, 1000, ['a', 'b', 'c'])
    await sendPaths(sidecar, 2000, ['c', 'a', 'b', 'd'])
    await sendPaths(sidecar, 3000, ['b', 'd', 'a', 'c'])
    assert.equal(sidecar.ingester.seriesCount, 4)
    sidecar.ingester.forgetAll()
    await sendPaths(sidecar, 4000, ['a', 'b', 'c', 'd'])
    assert.equal(sidecar.ingester.seriesCount, 4)
    assert.equal(Object.values(stored(sidecar)).flat().length, 15)
  })
}

test('a series that follows the same one as before is found without its hash', async () => {
  const sidecar = await startSidecar()
  await send(sidecar, 'g{path=a} 1 @1000', 'g{path=b} 1 @1000')
  const labelsOf = (path: string) => encodeLabels(new Map(Object.entries({ ...LABELS, path })))
  const composed = (labels: Buffer) => ({ hash: hashLabels(labels), are: (bytes: Uint8Array) => labels.equals(bytes) })
  const unhashed = (labels: Buffer): FollowingLabels => ({
    get hash(): number {
      throw new Error('a hash was made')
    },
    are: (bytes) => labels.equals(bytes),
    areAfter: (_before, bytes) => labels.equals(bytes),
    sharedWith: () => 0,
  })
  const first = sidecar.ingester.seriesOf(composed(labelsOf('a')))
  assert.deepEqual(sidecar.ingester.seriesAfter(first, unhashed(labelsOf('b')))?.labels, labelsOf('b'))
  assert.throws(() => sidecar.ingester.seriesOf(unhashed(labelsOf('b'))), /a hash was made/)
})

test('series of remote_write 2.0 are found whatever comes before them, and however symbols are numbered', async () => {
  const random = seededRandom(5)
  const sidecar = await startSidecar()
  const all = Array.from({ length: 12 }, (_, index) => ({
    __name__: ['g', 'c'][index % 2] ?? 'g',
    instance: 'h:1',
    job: 'j',
    ...(index % 3 === 0 ? {} : { path: `/${index % 4}` }),
    zone: `z${index >> 2}`,
  }))
  // A form of its own, which leads to the same series as `le="1.0"`, and labels that no series can have.
  const aliases = ['1', '1.0'].map((le) => ({ __name__: 'h_bucket', instance: 'h:1', job: 'j', le }))
  const invalid = [
    { instance: 'h:1', job: 'j' },
    { '': 'x', job: 'j' },
  ]
  const pool: Record<string, string>[] = [...all, ...aliases, ...invalid]
  let sequence = random.shuffled(pool)
  let known = 0
  for (let round = 1; round <= 300; round++) {
    const timestamp = round * 10_000
    if (random.below(6) === 0) sequence = random.shuffled(pool)
    if (random.below(20) === 0) sidecar.ingester.forgetAll()
    const start = random.below(4)
    const sent = sequence.slice(start, start + 4 + random.below(pool.length))
    if (random.below(5) === 0) {
      await send(sidecar, `g{zone=z${random.below(3)}} 1 @${timestamp}`, `g{zone=z1,path=/1} 1 @${timestamp}`)
      continue
    }
    const valid = sent.filter((labels) => labels[''] === undefined)
    const timeseries = sent.map((labels) => ({ labels, samples: [{ value: 1, timestamp }] }))
    const { batch, unusable } = decodeVersion2(encodeVersion2({ timeseries }), NO_LIMITS, sidecar.ingester)
    assert.equal(unusable.series, sent.length - valid.length)
    for (const [index, { series, labelsStart, labelsEnd }] of batch.spans.entries()) {
      const labels = { ...valid[index] }
      if (series !== undefined && labels.le !== undefined) labels.le = '1.0'
      if (series !== undefined) known += 1
      const expected = encodeLabels(new Map(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))))
      assert.deepEqual(Buffer.from(series?.labels ?? batch.bytes.subarray(labelsStart, labelsEnd)), expected)
    }
    await sidecar.ingester.ingest(batch, { deadlineMs: 30_000 })
  }
  assert.ok(known > 2_000, `${known}`)
})
