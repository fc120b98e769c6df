import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { appendFile, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { seededRandom } from '../../test/testing/seeded-random.ts'
import { newSeriesState, type SeriesState, type StateJournal } from '../model/conversion-state.ts'
import { openJournal } from './journal.ts'
import { StateFileError } from './state-file-error.ts'

const NOW_MS = 1_795_348_756_194
const HOUR_MS = 3_600_000

const openJournals: StateJournal[] = []

async function stateFile(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'journal-'))
  context.after(async () => {
    await Promise.allSettled(openJournals.splice(0).map((journal) => journal.close()))
    await rm(folder, { recursive: true, force: true })
  })
  return join(folder, 'state', 'journal')
}

function series(id: number, changes: Partial<SeriesState> = {}): SeriesState {
  return { ...newSeriesState(id, Uint8Array.from(Buffer.from(`labels of ${id}`))), ...changes }
}

/** Opens a journal with a table of states that follows the calls, as conversion keeps it. */
async function opened(file: string, options: { compactAfterBytes?: number; nowMs?: number } = {}) {
  const warnings: object[] = []
  const journalFile = await openJournal(file, {
    log: { warn: (bindings) => void warnings.push(bindings) },
    nowMs: NOW_MS,
    ...options,
  })
  const states = new Map(journalFile.saved.series.map((state) => [state.id, state]))
  const journal = await journalFile.start(() => states.values())
  openJournals.push(journal)
  const define = (state: SeriesState) => {
    states.set(state.id, state)
    journal.define(state.id, state.labels)
  }
  const settle = (id: number, lastMs: number, lastValue: number, endMs = lastMs) => {
    const state = states.get(id)
    assert.ok(state !== undefined)
    Object.assign(state, {
      lastMs,
      lastValue,
      endMs,
      waiting: state.waiting.filter((part) => part.timestampMs > lastMs),
    })
    journal.settle(id, lastMs, lastValue, endMs)
  }
  return { journal, saved: journalFile.saved, states, warnings, define, settle }
}

/** What another process would find now. */
async function read(file: string) {
  const unexpected = (bindings: object) => assert.fail(JSON.stringify(bindings))
  return (await openJournal(file, { log: { warn: unexpected }, nowMs: NOW_MS })).saved
}

test('a new file, in a folder that does not exist yet, is empty', async (context) => {
  const { saved, journal } = await opened(await stateFile(context))
  assert.deepEqual(saved.series, [])
  assert.equal(saved.documents.size, 0)
  await journal.close()
})

test('keeps everything that was committed, without closing', async (context) => {
  const file = await stateFile(context)
  const { journal, define } = await opened(file)
  define(series(0))
  define(series(300))
  journal.baseline(0, NOW_MS - 5000, 17.25)
  journal.created(0, NOW_MS - 60_000, NOW_MS - 50_000)
  journal.settle(0, NOW_MS, 18.5, NOW_MS - 1)
  journal.settle(300, NOW_MS - 10, Number.NaN, Number.NaN)
  journal.wait(300, NOW_MS + 5, 1)
  journal.wait(300, NOW_MS + 6, Number.NaN)
  journal.document('targets', [{ job: 'app' }])
  await journal.commit()

  const saved = await read(file)
  assert.deepEqual(saved.series, [
    series(0, {
      startMs: NOW_MS - 5000,
      resetValue: 17.25,
      createdMs: NOW_MS - 60_000,
      createdFromMs: NOW_MS - 50_000,
      lastMs: NOW_MS,
      lastValue: 18.5,
      endMs: NOW_MS - 1,
    }),
    series(300, {
      lastMs: NOW_MS - 10,
      waiting: [
        { timestampMs: NOW_MS + 5, value: 1 },
        { timestampMs: NOW_MS + 6, value: Number.NaN },
      ],
    }),
  ])
  assert.deepEqual(saved.documents.get('targets'), [{ job: 'app' }])
})

test('settling removes waiting parts up to that time', async (context) => {
  const file = await stateFile(context)
  const { journal, define } = await opened(file)
  define(series(1))
  for (const timestampMs of [1, 2, 3]) journal.wait(1, NOW_MS + timestampMs, timestampMs)
  journal.settle(1, NOW_MS + 2, 2, NOW_MS + 2)
  await journal.commit()
  const saved = await read(file)
  assert.deepEqual(saved.series[0]?.waiting, [{ timestampMs: NOW_MS + 3, value: 3 }])
})

test('a forgotten series is gone, and its id free', async (context) => {
  const file = await stateFile(context)
  const { journal, define, states } = await opened(file)
  define(series(1))
  journal.settle(1, NOW_MS, 5, NOW_MS)
  journal.forget(1)
  states.delete(1)
  define(series(1, { labels: Uint8Array.of(1, 2) }))
  journal.settle(1, NOW_MS, 7, NOW_MS)
  await journal.commit()
  const saved = await read(file)
  assert.deepEqual(saved.series, [
    series(1, { labels: Uint8Array.of(1, 2), lastMs: NOW_MS, lastValue: 7, endMs: NOW_MS }),
  ])
})

test('series that were silent for 25 h are not restored', async (context) => {
  const file = await stateFile(context)
  const { journal, define, settle } = await opened(file)
  for (const id of [1, 2]) define(series(id))
  settle(1, NOW_MS - 25 * HOUR_MS, 1)
  settle(2, NOW_MS - 25 * HOUR_MS + 1, 1)
  await journal.close()
  const saved = await read(file)
  assert.deepEqual(
    saved.series.map(({ id }) => id),
    [2],
  )
})

test('a commit is restored as a whole or not at all, wherever the file is truncated', async (context) => {
  const file = await stateFile(context)
  const { journal, define, settle } = await opened(file)
  const lengths: number[] = []
  for (let commit = 0; commit < 3; commit++) {
    for (let id = commit * 10; id < commit * 10 + 10; id++) {
      define(series(id))
      settle(id, NOW_MS, id)
    }
    await journal.commit()
    lengths.push((await stat(file)).size)
  }
  const whole = await readFile(file)
  const copy = `${file}.copy`
  for (let length = 0; length <= whole.length; length++) {
    await writeFile(copy, whole.subarray(0, length))
    const { series } = await read(copy)
    assert.equal(series.length, lengths.filter((end) => end <= length).length * 10, `cut off at ${length}`)
  }
})

test('continues after a truncated last frame', async (context) => {
  const file = await stateFile(context)
  const first = await opened(file)
  first.define(series(1))
  first.settle(1, NOW_MS, 1)
  await first.journal.commit()
  await appendFile(file, Buffer.from([200, 0, 0, 0, 1, 2]))
  const second = await opened(file)
  second.settle(1, NOW_MS + 1, 2)
  await second.journal.commit()
  const { saved, warnings } = await opened(file)
  assert.equal(saved.series[0]?.lastMs, NOW_MS + 1)
  assert.deepEqual(warnings, [])
})

test('renames a file that it can’t read, with a warning', async (context) => {
  const damage: [string, (file: string) => Promise<void>][] = [
    ['another file', (file) => writeFile(file, '{"offset": 512}')],
    ['another version', (file) => writeFile(file, 'prometheus-sidecar journal 0\n')],
    ['a flipped bit before the last frame', (file) => flipByte(file, 60)],
    [
      'a frame of unknown records',
      async (file) => {
        const { frame } = await import('./frame-file.ts')
        await appendFile(file, frame(Buffer.from([250, 1, 2])))
      },
    ],
  ]
  for (const [name, harm] of damage) {
    const file = await stateFile(context)
    const first = await opened(file)
    for (let id = 0; id < 5; id++) {
      first.define(series(id))
      first.settle(id, NOW_MS, 1)
      await first.journal.commit()
    }
    await harm(file)
    const damaged = await readFile(file)
    const second = await opened(file)
    assert.deepEqual(second.saved.series, [], name)
    assert.equal(second.warnings.length, 1, name)
    const aside = (await readdir(join(file, '..'))).find((entry) => entry.includes('.damaged-'))
    assert.ok(aside !== undefined, name)
    assert.deepEqual(await readFile(join(file, '..', aside)), damaged, name)
    second.define(series(9))
    second.settle(9, NOW_MS, 1)
    await second.journal.close()
    assert.equal((await opened(file)).saved.series.length, 1, name)
  }
})

test('a file of version 1 is read, and written in the current version', async (context) => {
  const file = await stateFile(context)
  const { journal, define, settle } = await opened(file)
  define(series(0))
  settle(0, NOW_MS, 1)
  await journal.commit()
  await journal.close()
  const version = Buffer.byteLength('prometheus-sidecar journal ')
  const bytes = await readFile(file)
  bytes.write('1', version)
  await writeFile(file, bytes)
  const second = await opened(file)
  assert.deepEqual([second.saved.series.length, second.warnings], [1, []])
  await second.journal.close()
  assert.equal(String.fromCharCode((await readFile(file))[version] ?? 0), '2')
})

test('an empty file counts as a new one', async (context) => {
  const file = await stateFile(context)
  await (await opened(file)).journal.close()
  await truncate(file, 0)
  assert.deepEqual((await opened(file)).warnings, [])
})

test('concurrent commits share writes', async (context) => {
  const file = await stateFile(context)
  const { journal, define, settle } = await opened(file)
  const before = (await stat(file)).size
  define(series(0))
  await Promise.all(
    Array.from({ length: 100 }, (_, index) => {
      settle(0, NOW_MS + index, index)
      return journal.commit()
    }),
  )
  const saved = await read(file)
  assert.equal(saved.series[0]?.lastMs, NOW_MS + 99)
  const frames = await countFrames(file, before)
  assert.ok(frames <= 3, `${frames} frames`)
})

test('compacts to exactly the current state, even while calls and commits continue', async (context) => {
  for (let seed = 0; seed < 5; seed++) {
    const random = seededRandom(seed)
    const file = await stateFile(context)
    const { journal, define, settle, states } = await opened(file, { compactAfterBytes: 1000 })
    const commits: Promise<void>[] = []
    for (let step = 0; step < 4000; step++) {
      const id = random.below(50)
      const state = states.get(id)
      const action = random.below(30)
      if (state === undefined) {
        define(series(id, { labels: Uint8Array.from(Buffer.from(randomUUID())) }))
      } else if (action === 0) {
        states.delete(id)
        journal.forget(id)
      } else if (action < 10) {
        const part = { timestampMs: NOW_MS + step, value: random.next() }
        state.waiting.push(part)
        journal.wait(id, part.timestampMs, part.value)
      } else if (action < 17) {
        Object.assign(state, { startMs: NOW_MS + step, resetValue: random.next() })
        journal.baseline(id, state.startMs, state.resetValue)
      } else {
        settle(id, NOW_MS + step, random.next())
      }
      if (random.below(10) === 0) commits.push(journal.commit())
      if (random.below(20) === 0) await commits.at(-1)
      if (step % 500 === 0) journal.document('targets', { step })
    }
    await Promise.all([...commits, journal.commit()])
    const grown = (await stat(file)).size
    assert.ok(grown < 100_000, `${grown} bytes`)
    const byId = (a: SeriesState, b: SeriesState) => a.id - b.id
    const kept = (state: SeriesState) => !Number.isNaN(state.lastMs) || state.waiting.length > 0
    const saved = await read(file)
    assert.deepEqual([...saved.series].sort(byId), [...states.values()].filter(kept).sort(byId), `seed ${seed}`)
    assert.deepEqual(saved.documents.get('targets'), { step: 3500 })
    await journal.close()
  }
})

test('explains why a file can’t be used', async (context) => {
  const file = await stateFile(context)
  await writeFile(join(file, '..', '..', 'plain'), '')
  await assert.rejects(opened(join(file, '..', '..', 'plain', 'journal')), (error) => error instanceof StateFileError)
  const { journal } = await opened(file)
  await journal.close()
  await assert.rejects(journal.commit(), StateFileError)
})

test('writes no more than necessary', async (context) => {
  const file = await stateFile(context)
  const { journal, define, settle } = await opened(file)
  define(series(0))
  settle(0, NOW_MS, 1)
  await journal.commit()
  const before = (await stat(file)).size
  await journal.commit()
  assert.equal((await stat(file)).size, before)
  await journal.close()
  await journal.close()
})

async function flipByte(file: string, position: number): Promise<void> {
  const handle = await open(file, 'r+')
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, position)
  buffer[0] = (buffer[0] ?? 0) ^ 0x55
  await handle.write(buffer, 0, 1, position)
  await handle.close()
}

async function countFrames(file: string, from: number): Promise<number> {
  const bytes = await readFile(file)
  let frames = 0
  for (let position = from; position < bytes.length; frames++) position += 8 + bytes.readUInt32LE(position)
  return frames
}
