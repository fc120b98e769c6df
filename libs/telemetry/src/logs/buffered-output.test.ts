import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs, { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { BufferedOutput } from './buffered-output.ts'

function openFile() {
  const path = join(mkdtempSync(join(tmpdir(), 'buffered-output-')), 'log')
  return { fd: openSync(path, 'w'), read: () => readFileSync(path, 'utf8') }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('lines are written after a while, and in order', async () => {
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

test('remaining lines are written immediately when the process exits', () => {
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

test('lines that find the disk full are dropped and counted; later ones are written, on lines of their own', async ({
  mock,
}) => {
  const { fd, read } = openFile()
  let isFull = false
  const real = fs.write
  const partial = mock.method(fs, 'write', (...args: Parameters<typeof fs.write>) => {
    const [, buffer, , , , done] = args as unknown as [
      number,
      Buffer,
      number,
      number,
      null,
      (...result: unknown[]) => void,
    ]
    if (!isFull) return Reflect.apply(real, fs, args)
    if (buffer.includes('cut')) return real(fd, buffer, 0, 3, null, (error, written) => done(error, written))
    return setImmediate(done, Object.assign(new Error('no space'), { code: 'ENOSPC' }), 0)
  })
  syncBuiltinESMExports()
  const output = new BufferedOutput(fd, { flushIntervalMs: 5 })
  output.write('before\n')
  await until(() => read() === 'before\n')
  isFull = true
  output.write('2nd lost\n2nd lost\n')
  await until(() => output.droppedLines === 2)
  output.write('cut')
  output.write(' off\n')
  await until(() => read() === 'before\ncut')
  isFull = false
  output.write('after\n')
  await until(() => read().endsWith('after\n'))
  partial.mock.restore()
  syncBuiltinESMExports()
})

test('a named pipe whose reader leaves gets lines again once another one reads: those in between are counted', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'buffered-output-')), 'pipe')
  execFileSync('mkfifo', [path])
  const openReader = () => openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
  const first = openReader()
  const fd = openSync(path, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK)
  const output = new BufferedOutput(fd, { flushIntervalMs: 5 })
  const buffer = Buffer.alloc(100)
  const readSome = (reader: number) => {
    try {
      return buffer.toString('utf8', 0, fs.readSync(reader, buffer))
    } catch {
      return ''
    }
  }
  closeSync(first)
  output.write('lost\n')
  await until(() => output.droppedLines === 1)
  const second = openReader()
  output.write('read\n')
  let read = ''
  await until(() => {
    read += readSome(second)
    return read !== ''
  })
  assert.equal(read, 'read\n')
  assert.equal(output.droppedLines, 1)
  closeSync(second)
  closeSync(fd)
})

test('lines beyond the bound are dropped and counted', () => {
  const { fd } = openFile()
  const output = new BufferedOutput(fd, { maxLength: 10, blockLength: 1_000, flushIntervalMs: 60_000 })
  for (let line = 0; line < 10; line++) output.write('12345\n')
  assert.equal(output.droppedLines, 8)
})

const module = fileURLToPath(new URL('buffered-output.ts', import.meta.url))

/** A program with a BufferedOutput `output` on its standard output. */
const program = (script: string) => [
  '--input-type=module',
  '-e',
  `import { spawn } from 'node:child_process'
   import { BufferedOutput } from ${JSON.stringify(module)}
   // As with a logger, whose pipe never blocks.
   process.stdout.isTTY
   const output = new BufferedOutput(1, { blockLength: 65536 })
   ${script}`,
]

/** The lines that a program writes to a pipe that is not read for a while. */
async function readLate(script: string, pauseMs: number): Promise<string[]> {
  const child = spawn(process.execPath, program(script), { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => setTimeout(resolve, pauseMs))
  return (await text(child.stdout)).trimEnd().split('\n')
}

test('several processes share a pipe that is full: no line ends in the middle of another', async () => {
  const writer = `
    for (let index = 0; index < 20_000; index++) {
      output.write(JSON.stringify({ pid: process.pid, index, text: 'x'.repeat(index % 700) }) + '\\n')
      if (index % 100 === 0) await new Promise(setImmediate)
    }
    await output.flush()`
  const lines = await readLate(
    `for (let count = 0; count < 3; count++)
       spawn(process.execPath, ${JSON.stringify(program(writer))}, { stdio: 'inherit' })`,
    1_000,
  )
  const counts = new Map<number, number>()
  for (const line of lines) {
    const { pid, index } = JSON.parse(line) as { pid: number; index: number }
    assert.equal(index, counts.get(pid) ?? 0, 'in order')
    counts.set(pid, index + 1)
  }
  assert.deepEqual([...counts.values()], [20_000, 20_000, 20_000])
})

test('a process that exits while its reader is slow has written everything', async () => {
  const script = `
    for (let index = 0; index < 5_000; index++) output.write(index + ' ' + 'x'.repeat(100) + '\\n')
    setTimeout(() => process.exit(), 100)`
  const lines = await readLate(script, 400)
  assert.equal(new Set(lines.map((line) => Number(line.split(' ')[0]))).size, 5_000)
})

test('an exiting process waits for a reader as long as it reads something each second', async () => {
  const script = `
    for (let index = 0; index < 1_700; index++) output.write(index + ' ' + 'x'.repeat(100) + '\\n')
    process.exit()`
  const child = spawn(process.execPath, program(script), { stdio: ['ignore', 'pipe', 'inherit'] })
  let read = ''
  let pauses = 0
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    read += chunk
    if (pauses++ >= 4) return
    child.stdout.pause()
    setTimeout(() => child.stdout.resume(), 400)
  })
  await once(child, 'close')
  assert.equal(read.trimEnd().split('\n').length, 1_700)
})

test('lines flushed while nobody reads come after those on their way, and later lines come after them', async () => {
  const lines = await readLate(
    `const write = (from, to) => {
       for (let index = from; index < to; index++) output.write(index + ' ' + 'x'.repeat(100) + '\\n')
     }
     write(0, 2_000)
     await new Promise((resolve) => setTimeout(resolve, 200))
     const flushed = output.flush()
     write(2_000, 2_100)
     await flushed
     write(2_100, 2_200)
     await output.flush()`,
    1_600,
  )
  assert.deepEqual(
    lines.map((line) => Number(line.split(' ')[0])),
    Array.from({ length: 2_200 }, (_, index) => index),
  )
})
