import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { FakeApi, send, startSidecar } from '../../../test/testing/ingester-rig.ts'

const OPENMETRICS = { c: 'counter' } as const
const TEXT = { c_total: 'counter' } as const

it('a counter keeps its name when its target is scraped in another format, even in the next run', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'sidecar-counter-names-'))
  context.after(() => rm(folder, { recursive: true }))
  for (const [name, first, second] of [
    ['c', OPENMETRICS, TEXT],
    ['c_total', TEXT, OPENMETRICS],
  ] as const) {
    const api = new FakeApi()
    const stateFile = join(folder, name)
    const before = await startSidecar({ api, stateFile })
    before.targets.types = first
    await send(before, 'c_total 1 @10000', 'c_total 2 @20000')
    before.targets.types = { ...first, ...second }
    before.targets.generation += 1
    await send(before, 'c_total 4 @30000')
    before.ingester.tick()
    await before.close()
    const after = await startSidecar({ api, stateFile })
    after.targets.types = second
    await send(after, 'c_total 8 @40000', 'c_total{n=new} 1 @40000', 'c_total{n=new} 2 @50000')
    await after.close()
    assert.deepEqual(Object.fromEntries(api.points), {
      [name]: ['10000..20000 1', '10000..30000 3', '10000..40000 7'],
      [`${name} n=new`]: ['40000..50000 1'],
    })
  }
})
