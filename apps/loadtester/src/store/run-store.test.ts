import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { RunReport } from '../contract/run-report.ts'
import { LoadProfile } from '../load/profile.ts'
import { Run } from '../run/run.ts'
import { RunStore } from './run-store.ts'

describe('RunStore', () => {
  let folder = ''
  const said: string[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-store-'))
    said.length = 0
  })
  afterEach(() => rm(folder, { recursive: true }))

  const store = (maximumBytes?: number): RunStore =>
    new RunStore(folder, { log: (message) => said.push(message), ...(maximumBytes && { maximumBytes }) })

  /** The report of a run that began so many seconds after the others. */
  function reportOf(second: number): RunReport {
    const script = { name: 's.yml', digest: 'd', target: 'http://t' }
    const profile = LoadProfile.constant(1)
    const run = new Run({ script, model: 'open', profile, maximumUsers: 1, bounds: [] }, { maximumSeries: 5 })
    run.begin([{ id: 'a', name: 'a', weight: 1, users: 0 }], second * 1000)
    run.finish(second * 1000 + 500)
    return run.report(second * 1000 + 500)
  }

  it('returns what it keeps, newest first, and deletes what is removed', async () => {
    const reports = [1, 3, 2].map(reportOf)
    for (const report of reports) await store().keep(report)
    assert.deepEqual(
      (await store().list()).map(({ startedMs }) => startedMs),
      [3000, 2000, 1000],
    )
    const [first] = reports
    assert.ok(first !== undefined)
    assert.deepEqual(await store().get(first.id), JSON.parse(JSON.stringify(first)))
    assert.equal(await store().remove(first.id), true)
    assert.equal(await store().remove(first.id), false)
    assert.equal((await readdir(join(folder, 'runs'))).length, 4, 'a report and its line of the history each')
  })

  it('is limited by the number of runs, and by their size on disk', async () => {
    for (let second = 0; second < 55; second++) await store().keep(reportOf(second))
    const listed = await store().list()
    assert.deepEqual([listed.length, listed.at(-1)?.startedMs], [50, 5000])
    await store(1).keep(reportOf(100))
    assert.deepEqual(
      (await store().list()).map(({ startedMs }) => startedMs),
      [100_000],
    )
    assert.equal((await readdir(join(folder, 'runs'))).length, 2)
  })

  it('ignores files that are broken, truncated or something else', async () => {
    const kept = reportOf(1)
    await store().keep(kept)
    const name = (digit: number): string => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`
    const whole = JSON.stringify(reportOf(2))
    for (const [index, text] of ['', '{', 'null', '{}', '[]', '7', whole.slice(0, 200), '{"id":"x"}'].entries()) {
      await writeFile(join(folder, 'runs', `${name(index)}.json`), text)
      assert.equal(await store().get(name(index)), undefined, text)
    }
    await writeFile(join(folder, 'runs', 'notes.txt'), 'not a run')
    assert.deepEqual(
      (await store().list()).map(({ id }) => id),
      [kept.id],
    )
  })

  it('lists a run whose line of the history is missing', async () => {
    const kept = reportOf(1)
    await store().keep(kept)
    await rm(join(folder, 'runs', `${kept.id}.listing.json`))
    assert.equal((await store().list())[0]?.id, kept.id)
  })

  it('refuses an id that is a path', async () => {
    await mkdir(join(folder, 'runs'), { recursive: true })
    await writeFile(join(folder, 'secret.json'), JSON.stringify(reportOf(1)))
    assert.equal(await store().get('../secret'), undefined)
    assert.equal(await store().remove('../secret'), false)
  })

  it('logs once that the disk fails, without an error', async () => {
    await writeFile(join(folder, 'runs'), 'a file where the folder should be')
    const failing = store()
    await failing.keep(reportOf(1))
    await failing.keep(reportOf(2))
    assert.equal(said.length, 1)
    assert.match(said[0] ?? '', /The history can't be stored: .*LOAD_STATE_DIR/)
  })
})
