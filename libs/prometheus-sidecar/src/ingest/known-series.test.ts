import assert from 'node:assert/strict'
import { test } from 'node:test'
import { send, startSidecar, stored } from '../../test/testing/ingester-rig.ts'
import { encodeVersion2 } from '../../test/testing/version-2-encoder.ts'
import { encodeLabels } from '../model/labels/labels.ts'
import { type ComposedLabels, hashLabels } from '../model/labels/labels-hash.ts'
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
  const unhashed = (labels: Buffer): ComposedLabels => ({
    get hash(): number {
      throw new Error('a hash was made')
    },
    are: (bytes) => labels.equals(bytes),
  })
  const first = sidecar.ingester.seriesOf(composed(labelsOf('a')))
  assert.deepEqual(sidecar.ingester.seriesOf(unhashed(labelsOf('b')), first)?.labels, labelsOf('b'))
  assert.throws(() => sidecar.ingester.seriesOf(unhashed(labelsOf('b'))), /a hash was made/)
})
