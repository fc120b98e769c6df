import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { LoadProfile } from '../load/profile.ts'
import { Tally } from '../results/tally.ts'
import { Run } from '../run/run.ts'
import { CheckpointStore } from './checkpoint-store.ts'

describe('CheckpointStore', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-checkpoint-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const store = (): CheckpointStore => new CheckpointStore(folder, { instance: '1', log: () => {} })
  const timelineFile = (): string => join(folder, 'current-run-1.timeline.jsonl')

  function createRun(): Run {
    const script = { name: 's.yml', digest: 'd', target: 'http://t' }
    const profile = LoadProfile.constant(1)
    const run = new Run({ script, model: 'open', profile, maximumUsers: 1, bounds: [] }, { maximumSeries: 5 })
    run.begin([{ id: 'a', name: 'a', weight: 1, users: 0 }], 1000)
    return run
  }

  /** A second of the run in which the worker `a` counted so many arrivals. */
  function work(run: Run, second: number, arrivals: number): void {
    const tally = new Tally()
    tally.arrivals = arrivals
    run.results.add({ id: 'a', name: 'a' }, second, second * 1000, tally)
    run.results.timeline.add(second * 1000, 'a', tally, { users: 1, utilization: 0, target: 1 })
    run.results.timeline.settle(Number.POSITIVE_INFINITY)
  }

  it('gives the next master totals, timeline, events and the time under load', async () => {
    const run = createRun()
    for (const second of [1, 2, 3]) work(run, second, second)
    run.note(2000, 'something')
    await store().keep(run, 4000)
    const checkpoint = await store().read()
    assert.deepEqual(
      [checkpoint?.runId, checkpoint?.startedMs, checkpoint?.savedMs, checkpoint?.activeMs],
      [run.id, 1000, 4000, 3000],
    )
    assert.deepEqual(checkpoint?.points, run.results.timeline.points)
    assert.deepEqual(checkpoint?.events, run.events)
    assert.equal(checkpoint?.contributions[0]?.tally.arrivals, 6)
  })

  it('appends new points to the timeline instead of writing all of it again', async () => {
    const run = createRun()
    const kept = store()
    work(run, 1, 1)
    await kept.keep(run, 2000)
    const { ino } = await stat(timelineFile())
    for (const second of [2, 3]) {
      work(run, second, 1)
      await kept.keep(run, second * 1000 + 1000)
    }
    await kept.keep(run, 5000)
    assert.equal((await stat(timelineFile())).ino, ino, 'it is the same file')
    assert.equal((await readFile(timelineFile(), 'utf8')).trimEnd().split('\n').length, 4)
    assert.equal((await store().read())?.points.length, 3)
  })

  it('ignores a line that a killed master had half written, and the timeline of another run', async () => {
    const run = createRun()
    work(run, 1, 1)
    await store().keep(run, 2000)
    await appendFile(timelineFile(), '{"atMs":2000,"requ')
    assert.equal((await store().read())?.points.length, 1)
    await writeFile(timelineFile(), '{"runId":"another"}\n{"atMs":1}\n')
    assert.deepEqual((await store().read())?.points, [])
  })

  it('is deleted once the run has ended, even if it was just being written', async () => {
    const run = createRun()
    const kept = store()
    const writes = [kept.keep(run, 1), kept.keep(run, 2), kept.drop()]
    await Promise.all(writes)
    assert.deepEqual(await readdir(folder), [])
    assert.equal(await store().read(), undefined)
  })

  for (const text of ['', '{', 'null', '{}', '{"contributions":7}']) {
    it(`finds nothing in a file with ${JSON.stringify(text)}`, async () => {
      await writeFile(join(folder, 'current-run-1.json'), text)
      assert.equal(await store().read(), undefined)
    })
  }
})
