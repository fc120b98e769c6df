import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { copyFile, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { runOnBoundedDisk } from '../../test/testing/bounded-disk.ts'
import { newSeriesState, type SeriesState, type StateJournal } from '../model/conversion-state.ts'
import type { JournalOptions } from './file-journal.ts'
import { openJournal } from './journal.ts'
import { StateFileError } from './state-file-error.ts'

const NOW_MS = Date.now()

async function stateFile(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'file-journal-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'state')
}

interface Kept {
  readonly journal: StateJournal
  readonly warnings: string[]
  /** Settles a series, which is defined at its first sample. */
  settle(id: number, value: number): void
}

async function keep(file: string, options: Partial<JournalOptions> = {}): Promise<Kept> {
  const warnings: string[] = []
  const opened = await openJournal(file, {
    log: { warn: (_, message) => void warnings.push(message) },
    checkIntervalMs: 0,
    ...options,
  })
  const states = new Map<number, SeriesState>(opened.saved.series.map((series) => [series.id, series]))
  const journal = await opened.start(() => states.values())
  const settle = (id: number, value: number) => {
    let series = states.get(id)
    if (series === undefined) {
      series = newSeriesState(id, Buffer.from(`labels of ${id}`))
      states.set(id, series)
      journal.define(id, series.labels)
    }
    Object.assign(series, { lastMs: NOW_MS + value, lastValue: value, endMs: NOW_MS + value })
    journal.settle(id, series.lastMs, value, series.endMs)
  }
  return { journal, warnings, settle }
}

/** The last value of each series, as the next process will find it. */
async function saved(file: string): Promise<Record<number, number>> {
  const { saved } = await openJournal(file, { log: { warn: (fields) => assert.fail(JSON.stringify(fields)) } })
  return Object.fromEntries(saved.series.map(({ id, lastValue }) => [id, lastValue]))
}

async function fileOfSeries(file: string, count: number): Promise<void> {
  const { journal, settle } = await keep(file)
  for (let id = 0; id < count; id++) settle(id, id)
  await journal.close()
}

test('a commit that the disk refuses is rejected; none of it is lost, and the memory kept for it is limited', async (context) => {
  const file = await stateFile(context)
  await fileOfSeries(file, 10)
  const lines = await runOnBoundedDisk(2, ['settle', file, '200'])
  const outcomes = lines.slice(1)
  assert.equal(lines[0], '10 series')
  assert.equal(outcomes.length, 200)
  const refused = outcomes.filter((line) => /refused: the state file .* can't be written: EFBIG/.test(line)).length
  assert.ok(refused > 0 && refused < 100, lines.join('\n'))
  assert.match(outcomes.at(-1) ?? '', /^200 committed/)
  assert.equal((await saved(file))[0], 200)
  assert.deepEqual(Object.keys(await saved(file)).length, 10)
})

test('the file is unchanged if the disk has no space for the whole state', async (context) => {
  const file = await stateFile(context)
  await fileOfSeries(file, 500)
  const lines = await runOnBoundedDisk(4, ['open', file])
  assert.match(lines.join('\n'), /^StateFileError: the state file .* can't be written: EFBIG/)
  assert.equal(Object.keys(await saved(file)).length, 500)
  assert.deepEqual(await readdir(join(file, '..')), ['state'], 'and the partial file is gone')
})

test('a failed compaction is logged once, takes up no space, and is retried later', {
  skip: !existsSync('/dev/full') && 'there is no /dev/full',
}, async (context) => {
  const file = await stateFile(context)
  const { journal, warnings, settle } = await keep(file, { compactAfterBytes: 1000 })
  await symlink('/dev/full', `${file}.compacting`)
  let value = 0
  const grow = async (until: () => boolean | Promise<boolean>) => {
    while (!(await until())) {
      settle(0, ++value)
      await journal.commit()
    }
  }
  await grow(() => warnings.length > 0)
  assert.deepEqual(warnings, ['The state file can’t be compacted; it grows until it can.'])
  assert.deepEqual(await readdir(join(file, '..')), ['state'])
  await grow(async () => (await stat(file)).size < 500)
  assert.equal(warnings.length, 1)
  assert.deepEqual(await saved(file), { 0: value })
  await journal.close()
})

test('replacing the file by another process is an error, and that file is left alone', async (context) => {
  const file = await stateFile(context)
  const first = await keep(file)
  first.settle(1, 1)
  await first.journal.commit()
  const second = await keep(file)
  second.settle(2, 2)
  await second.journal.commit()
  first.settle(1, 3)
  await assert.rejects(first.journal.commit(), (error) => {
    assert.ok(error instanceof StateFileError)
    assert.ok(error.isReplaced)
    assert.match(error.message, /another process replaced it; each sidecar needs its own --state-file/)
    return true
  })
  await assert.rejects(first.journal.close(), StateFileError)
  second.settle(2, 4)
  await second.journal.close()
  assert.deepEqual(await saved(file), { 1: 1, 2: 4 })
})

test('a removed file is created again with its whole content', async (context) => {
  const file = await stateFile(context)
  const { journal, settle } = await keep(file)
  settle(1, 1)
  await journal.commit()
  await rm(file)
  settle(2, 2)
  await assert.rejects(journal.commit(), /it was removed/)
  await journal.commit()
  assert.deepEqual(await saved(file), { 1: 1, 2: 2 })
  settle(3, 3)
  await journal.close()
  assert.deepEqual(await saved(file), { 1: 1, 2: 2, 3: 3 })
})

test('closing during a compaction loses nothing', async (context) => {
  for (let round = 0; round < 20; round++) {
    const file = await stateFile(context)
    const { journal, settle } = await keep(file, { compactAfterBytes: 200 })
    for (let value = 1; value <= 30; value++) {
      settle(value % 3, value)
      await journal.commit()
    }
    settle(0, 100)
    if (round % 2 === 0) await sleep(round / 4)
    await journal.close()
    assert.deepEqual(await saved(file), { 0: 100, 1: 28, 2: 29 })
  }
})

test('a crash during a compaction leaves a complete file, old or new', async (context) => {
  const file = await stateFile(context)
  const { journal, settle } = await keep(file, { compactAfterBytes: 200 })
  const copy = `${file}-copy`
  for (let value = 1; value <= 300; value++) {
    settle(value % 3, value)
    const committing = journal.commit()
    if (value % 3 === 0) {
      await copyFile(file, copy)
      const found = await saved(copy)
      assert.ok((found[0] ?? 0) >= value - 3 || value <= 3, `${JSON.stringify(found)} at ${value}`)
    }
    await committing
  }
  await journal.close()
})
