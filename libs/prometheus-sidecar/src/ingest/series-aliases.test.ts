import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { passLearning, send, startSidecar, stored } from '../../test/testing/ingester-rig.ts'
import { newSeriesState, type SeriesState } from '../model/conversion-state.ts'
import { encodeLabels } from '../model/labels/labels.ts'
import { openJournal } from '../state/journal.ts'

const parts = (at: number, le: string, count: number) => [
  `h_bucket{le=${le}} ${count} @${at}`,
  `h_bucket{le=+Inf} ${count} @${at}`,
  `h_sum ${count} @${at}`,
  `h_count ${count} @${at}`,
]

describe('a series whose labels are written in another form', () => {
  it('continues: bounds and quantiles after an upgrade to Prometheus 3, and back', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, ...parts(10_000, '1', 1), 's_count{quantile=1} 1 @10000', 's{quantile=1} 5 @10000')
    passLearning(sidecar)
    await send(sidecar, ...parts(20_000, '1.0', 2), 's{quantile=1.0} 6 @20000')
    await send(sidecar, ...parts(30_000, '1', 4), 's{quantile=1} 7 @30000')
    assert.equal(sidecar.ingester.waitingParts, 0)
    assert.deepEqual(stored(sidecar), {
      h: ['10000..20000 [1 0] mean 1', '10000..30000 [3 0] mean 1'],
      's quantile=1': ['10000 5', '20000 6', '30000 7'],
    })
  })

  it('continues in the next run, whose state has the old form', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'sidecar-aliases-'))
    context.after(() => rm(folder, { recursive: true }))
    const stateFile = join(folder, 'state')
    const states: SeriesState[] = []
    const define = (id: number, labels: Record<string, string>, lastMs: number) => {
      const key = encodeLabels(new Map(Object.entries({ job: 'j', instance: 'h:1', ...labels })))
      states.push({ ...newSeriesState(id, key), startMs: 10_000, lastMs, lastValue: 2, endMs: lastMs })
    }
    define(0, { __name__: 'h_bucket', le: '1.0' }, 20_000)
    define(1, { __name__: 'h_bucket', le: '1' }, 15_000)
    define(2, { __name__: 'h_bucket', le: '+Inf' }, 20_000)
    define(3, { __name__: 'h_sum' }, 20_000)
    define(4, { __name__: 'h_count' }, 20_000)
    const opened = await openJournal(stateFile, { log: { warn() {} }, nowMs: 1_000_000 })
    await (await opened.start(() => states)).close()

    const sidecar = await startSidecar({ stateFile })
    assert.equal(sidecar.ingester.seriesCount, 4)
    await send(sidecar, ...parts(30_000, '1', 5))
    assert.deepEqual(stored(sidecar), { h: ['10000..30000 [5 0] mean 1'] })
    await sidecar.close()
  })

  it('continues when Prometheus adds labels with its type', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_total 1 @10000', 'x 3 @10000')
    await send(sidecar, 'c_total{__type__=counter,__unit__=s} 5 @20000', 'x{__type__=gauge} 4 @20000')
    await send(sidecar, 'c_total 6 @30000')
    assert.deepEqual(stored(sidecar), { c: ['10000..20000 4', '10000..30000 5'], x: ['20000 4'] })
    assert.equal(sidecar.ingester.seriesCount, 2)
  })

  it('is forgotten with all its forms', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_total{__type__=counter} 1 @10000')
    sidecar.clock.nowMs += 90_000_001
    sidecar.ingester.sweep()
    assert.equal(sidecar.ingester.seriesCount, 0)
    await send(sidecar, 'c_total{__type__=counter} 3 @20000', 'c_total 5 @30000')
    assert.deepEqual(stored(sidecar), { c: ['20000..30000 2'] })
  })
})
