import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { RotatingLog } from './rotating-log.ts'

test('a full log becomes <file>.1, and no more than two files are kept', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rotating-log-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'part.log')
  const log = new RotatingLog(file, { maxBytes: 20 })
  for (let line = 1; line <= 7; line++) log.write(`line no. ${line}\n`)
  log.close()
  assert.deepEqual(readdirSync(folder).sort(), ['part.log', 'part.log.1'])
  assert.equal(readFileSync(file, 'utf8'), 'line no. 7\n')
  assert.equal(readFileSync(`${file}.1`, 'utf8'), 'line no. 6\n')
})
