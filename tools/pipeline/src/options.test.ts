import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '@node-to-cloud/command-line'
import { readOptions } from './options.ts'

const defaults = {
  json: false,
  prometheus: false,
  otlp: false,
  timeoutSeconds: 120,
  portOffset: 0,
  bufferPoints: 500_000,
  auditEveryMs: 300_000,
}

for (const [args, expected] of [
  [['start'], { command: 'start', ...defaults }],
  [['verify'], { command: 'verify', ...defaults }],
  [['verify', '--json', '--timeout', '60'], { command: 'verify', ...defaults, json: true, timeoutSeconds: 60 }],
  [['verify', '--timeout', '1m30s'], { command: 'verify', ...defaults, timeoutSeconds: 90 }],
  [
    ['verify', '--timeout=3600', '--prometheus'],
    { command: 'verify', ...defaults, timeoutSeconds: 3600, prometheus: true },
  ],
  [['start', '--otlp'], { command: 'start', ...defaults, otlp: true }],
  [['start', '--port-offset', '10000'], { command: 'start', ...defaults, portOffset: 10_000 }],
  [['start', '--buffer-points', '3000'], { command: 'start', ...defaults, bufferPoints: 3000 }],
  [
    ['start', '--prometheus', '--audit-every', '30s'],
    { command: 'start', ...defaults, prometheus: true, auditEveryMs: 30_000 },
  ],
] as const) {
  test(`${args.join(' ')} is understood`, () => assert.deepEqual(readOptions(args), expected))
}

test('help names the command as npm calls it, its options and exit codes', () => {
  const help = readOptions(['verify', '--help'])
  assert.ok(typeof help === 'string')
  for (const part of ['npm run verify -- [options]', '--timeout DURATION', '(default 2m)', 'Exit code: 0']) {
    assert.ok(help.includes(part), part)
  }
})

for (const [args, named] of [
  [[], /pipeline needs a command: start, verify/],
  [['stop'], /"stop" is not a command of pipeline/],
  [['verify', 'now'], /npm run verify takes no arguments; "now"/],
  [['verify', '--timeout', '0'], /--timeout "0" can't be used; it must be a duration from 5s to 1h/],
  [['verify', '--timeout', '1e3'], /--timeout "1e3"/],
  [
    ['verify', '--port-offset', '60000'],
    /--port-offset "60000" can't be used; it must be a whole number from 0 to 50000/,
  ],
  [['start', '--buffer-points', '0'], /--buffer-points "0" can't be used; it must be a whole number from 1/],
  [['start', '--audit-every', '0s'], /--audit-every "0s" can't be used; it must be a duration from 1s to 1d/],
  [['verify', '--timeout', 'x', '--port-offset', 'y'], /--timeout "x".*\n.*--port-offset "y"/],
  [['start', '--json'], /--json is not an option of npm start, but of npm run verify/],
  [['start', '--timeout', '10'], /--timeout is not an option of npm start/],
  [['start', '--otlp', '--prometheus'], /--prometheus and --otlp are mutually exclusive/],
  [['verify', '--jsn'], /did you mean --json\?/],
] as const) {
  test(`"${args.join(' ')}" is refused with a message that names what is wrong`, () => {
    assert.throws(
      () => readOptions(args),
      (error) => error instanceof UsageError && named.test(error.message) && error.message.includes('--help'),
    )
  })
}
