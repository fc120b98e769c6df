import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openJournal } from './journal.ts'
import { checkStateFormat, keepStateFormat } from './state-format.ts'

test('a state belongs to the format it was written for; one without a recorded format is accepted', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'state-format-'))
  context.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'state')
  const opened = await openJournal(file, { log: { warn() {} } })
  checkStateFormat(opened.saved, 'gmp', file)
  const journal = await opened.start(() => [])
  keepStateFormat(journal, 'gmp')
  await journal.close()

  const { saved } = await openJournal(file, { log: { warn() {} } })
  checkStateFormat(saved, 'gmp', file)
  assert.throws(() => checkStateFormat(saved, 'external', file), {
    code: 'ERR_STATE_FILE',
    exitCode: 2,
    message: /metrics-format=gmp, but this one has external: set a different --state-file/,
  })
})
