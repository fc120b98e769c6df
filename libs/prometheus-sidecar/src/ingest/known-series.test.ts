import assert from 'node:assert/strict'
import { test } from 'node:test'
import { send, startSidecar, stored } from '../../test/testing/ingester-rig.ts'
import { encodeVersion2 } from '../../test/testing/version-2-encoder.ts'
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

test('series are found in any order, even once the one that used to follow is forgotten', async () => {
  const sidecar = await startSidecar()
  const texts = (timestampMs: number, ...paths: string[]) => paths.map((path) => `g{path=${path}} 1 @${timestampMs}`)
  await send(sidecar, ...texts(1000, 'a', 'b', 'c'))
  await send(sidecar, ...texts(2000, 'c', 'a', 'b', 'd'))
  await send(sidecar, ...texts(3000, 'b', 'd', 'a', 'c'))
  assert.equal(sidecar.ingester.seriesCount, 4)
  sidecar.ingester.forgetAll()
  await send(sidecar, ...texts(4000, 'a', 'b', 'c', 'd'))
  assert.equal(sidecar.ingester.seriesCount, 4)
  assert.equal(Object.values(stored(sidecar)).flat().length, 15)
})
