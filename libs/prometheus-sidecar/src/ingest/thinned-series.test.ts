import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { passLearning, send, startSidecar, stored } from '../../test/testing/ingester-rig.ts'
import { parseSelector } from '../convert/selector.ts'

const every = (selector: string, periodMs: number) => ({
  rules: { intervals: [{ selector: parseSelector(selector), periodMs }] },
})

const histogram = (at: number, count: number) =>
  ['h_bucket{le=1}', 'h_bucket{le=+Inf}', 'h_sum', 'h_count'].map((part) => `${part} ${count} @${at}`)

describe('a thinned series', () => {
  it('has the first sample of each period; others are not thinned', async () => {
    const sidecar = await startSidecar(every('{__name__=~"g|c_total"}', 60_000))
    for (const at of [50, 65, 80, 110, 121, 179, 240]) {
      await send(sidecar, `g ${at} @${at}000`, `c_total ${at} @${at}000`, `s{quantile=0.5} 1 @${at}000`)
    }
    const { c, g, 's quantile=0.5': others } = stored(sidecar)
    assert.deepEqual(g, ['50000 50', '65000 65', '121000 121', '240000 240'])
    assert.deepEqual(c, ['50000..65000 15', '50000..121000 71', '50000..240000 190'])
    assert.equal(others?.length, 7)
    assert.equal(sidecar.drops.get('thinned'), 6)
  })

  it('loses no count when a counter is reset or ends', async () => {
    const sidecar = await startSidecar(every('c_total', 60_000))
    await send(sidecar, 'c_total 0 @60000', 'c_total 1 @70000', 'c_total 4 @80000', 'c_total 2 @90000')
    await send(sidecar, 'c_total 5 @100000', 'c_total stale @110000')
    await send(sidecar, 'c_total 6 @130000')
    assert.deepEqual(stored(sidecar).c, ['60000..70000 1', '60000..80000 4', '89999..100000 5', '89999..130000 6'])
  })

  it('loses no observation when a histogram is reset or ends', async () => {
    const sidecar = await startSidecar(every('{__name__=~"h_.*"}', 60_000))
    await send(sidecar, ...histogram(60_000, 0))
    passLearning(sidecar)
    for (const [at, count] of [
      [70_000, 1],
      [80_000, 4],
      [90_000, 2],
      [100_000, 5],
    ] as const)
      await send(sidecar, ...histogram(at, count))
    await send(sidecar, 'h_count stale @110000')
    const points = (stored(sidecar).h ?? []).map((point) => point.replace(/ 0\] mean 1$/, ''))
    assert.deepEqual(points, ['60000..70000 [1', '60000..80000 [4', '89999..100000 [5'])
  })
})
