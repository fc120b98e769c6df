import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { BufferedOutput } from './buffered-output.ts'

function openFile() {
  const path = join(mkdtempSync(join(tmpdir(), 'buffered-output-')), 'log')
  return { fd: openSync(path, 'w'), read: () => readFileSync(path, 'utf8') }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('lines are written after a while, and in their order', async () => {
  const { fd, read } = openFile()
  const output = new BufferedOutput(fd, { blockLength: 50, flushIntervalMs: 20 })
  let expected = ''
  for (let line = 0; line < 500; line++) {
    output.write(`${line}\n`)
    expected += `${line}\n`
    if (line % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await until(() => read().length >= expected.length)
  assert.equal(read(), expected)
})

test('what is left is written at once when the process ends', () => {
  const { fd, read } = openFile()
  const output = new BufferedOutput(fd, { flushIntervalMs: 60_000 })
  output.write('last\n')
  output.flushSync()
  assert.equal(read(), 'last\n')
})

test('lines that nobody can read are dropped and counted; nothing waits for them', async () => {
  const { fd } = openFile()
  closeSync(fd)
  const output = new BufferedOutput(fd, { flushIntervalMs: 5 })
  output.write('lost\n')
  await until(() => output.droppedLines === 1)
  output.write('lost\n')
  output.flushSync()
  assert.equal(output.droppedLines, 2)
})

test('lines beyond the bound are dropped and counted', () => {
  const { fd } = openFile()
  const output = new BufferedOutput(fd, { maxLength: 10, blockLength: 1_000, flushIntervalMs: 60_000 })
  for (let line = 0; line < 10; line++) output.write('12345\n')
  assert.equal(output.droppedLines, 8)
})
