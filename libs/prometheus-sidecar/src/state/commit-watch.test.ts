import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommitWatch } from './commit-watch.ts'
import { NoJournal } from './no-journal.ts'
import { StateFileError } from './state-file-error.ts'

test('logs once when commits fail, and once when they succeed again', async () => {
  const said: string[] = []
  const disk = { isFull: false }
  const note = (_: object, message: string) => void said.push(message)
  const journal = new NoJournal()
  journal.commit = async () => {
    if (disk.isFull) throw new Error('no space left')
  }
  const watch = new CommitWatch(journal, { info: note, error: note })
  await watch.commit()
  assert.deepEqual([watch.failure, said], [undefined, []])
  disk.isFull = true
  for (let second = 0; second < 5; second++) await watch.commit()
  assert.equal(watch.failure, 'no space left')
  disk.isFull = false
  for (let second = 0; second < 5; second++) await watch.commit()
  assert.equal(watch.failure, undefined)
  assert.deepEqual(said, [
    'The state can’t be saved; samples are rejected until it can.',
    'The state can be saved again.',
  ])
})

const REPLACED = new StateFileError('the state file can’t be written: another process replaced it', {
  isReplaced: true,
})
const FULL = new StateFileError('the state file can’t be written: no space left')
const CANNOT_SAVE = 'error: The state can’t be saved; samples are rejected until it can.'
const TAKEN_OVER =
  'info: Another process has taken over the state file, as a successor does; this sidecar shuts down and saves nothing more.'

for (const { title, error, isClosing, said, rejected } of [
  { title: 'replaced by another process while running', error: REPLACED, isClosing: false, said: [CANNOT_SAVE] },
  { title: 'taken over during the shutdown', error: REPLACED, isClosing: true, said: [TAKEN_OVER] },
  {
    title: 'not writable during the shutdown',
    error: FULL,
    isClosing: true,
    said: [CANNOT_SAVE],
    rejected: FULL,
  },
]) {
  test(`a state file that is ${title}`, async () => {
    const lines: string[] = []
    const journal = new NoJournal()
    journal.commit = async () => {
      throw error
    }
    journal.close = journal.commit
    const watch = new CommitWatch(journal, {
      info: (_: object, message: string) => void lines.push(`info: ${message}`),
      error: (_: object, message: string) => void lines.push(`error: ${message}`),
    })
    if (isClosing) watch.expectSuccessor()
    await watch.commit()
    await watch.commit()
    assert.deepEqual(lines, said)
    if (!isClosing) return
    if (rejected === undefined) await watch.close()
    else await assert.rejects(watch.close(), rejected)
    assert.deepEqual(lines, said)
  })
}

test('says once that the file was taken over, also if that was an error before the shutdown', async () => {
  const lines: string[] = []
  const journal = new NoJournal()
  journal.commit = async () => {
    throw REPLACED
  }
  journal.close = journal.commit
  const watch = new CommitWatch(journal, {
    info: () => void lines.push('info'),
    error: () => void lines.push('error'),
  })
  await watch.commit()
  watch.expectSuccessor()
  await watch.commit()
  await watch.close()
  assert.deepEqual(lines, ['error', 'info'])
})
