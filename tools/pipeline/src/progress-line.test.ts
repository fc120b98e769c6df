import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProgressLine } from './progress-line.ts'

function shown(stream: { isTTY: boolean; columns: number }, env: Readonly<Record<string, string>>): string {
  let text = ''
  const write = (chunk: Uint8Array | string) => {
    text += String(chunk)
    return true
  }
  const line = new ProgressLine({ ...stream, write }, env)
  line.show('waiting for cloud-emulator, loadtester', 1.2)
  line.show('waiting for cloud-emulator, loadtester', 2.2)
  line.show('waiting for loadtester', 3)
  line.end()
  return text
}

const LINES = 'waiting for cloud-emulator, loadtester, 1 s\nwaiting for loadtester, 3 s\n'

for (const [where, stream, env, expected] of [
  ['a file', { isTTY: false, columns: 80 }, {}, LINES],
  ['a dumb terminal', { isTTY: true, columns: 80 }, { TERM: 'dumb' }, LINES],
  [
    'a terminal',
    { isTTY: true, columns: 80 },
    { TERM: 'xterm' },
    '\r\x1b[Kwaiting for cloud-emulator, loadtester, 1 s\r\x1b[Kwaiting for cloud-emulator, loadtester, 2 s\r\x1b[Kwaiting for loadtester, 3 s\n',
  ],
  [
    'a narrow terminal, where no line wraps',
    { isTTY: true, columns: 20 },
    { TERM: 'xterm' },
    '\r\x1b[Kwaiting for cloud-…\r\x1b[Kwaiting for cloud-…\r\x1b[Kwaiting for loadte…\n',
  ],
] as const) {
  test(`progress on ${where}`, () => assert.equal(shown(stream, env), expected))
}
