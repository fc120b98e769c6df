import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommitWatch } from './commit-watch.ts'
import { NoJournal } from './no-journal.ts'

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
