import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseOptions, UsageError } from './options.ts'

const defaults = { json: false, prometheus: false, timeoutSeconds: 120, portOffset: 0 }

for (const [argv, expected] of [
  [['start'], { command: 'start', ...defaults }],
  [['verify'], { command: 'verify', ...defaults }],
  [['verify', '--json', '--timeout', '60'], { command: 'verify', ...defaults, json: true, timeoutSeconds: 60 }],
  [
    ['verify', '--timeout=3600', '--prometheus'],
    { command: 'verify', ...defaults, timeoutSeconds: 3600, prometheus: true },
  ],
  [['start', '--port-offset', '10000'], { command: 'start', ...defaults, portOffset: 10_000 }],
  [['verify', '--help'], 'help'],
] as const) {
  test(`${argv.join(' ')} is understood`, () => assert.deepEqual(parseOptions(argv), expected))
}

for (const [argv, named] of [
  [[], /command must be "start" or "verify"/],
  [['stop'], /"stop"/],
  [['verify', 'now'], /unexpected "now"/],
  [['verify', '--timeout', '0'], /--timeout must be a whole number from 5 to 3600, not "0"/],
  [['verify', '--timeout', '1e3'], /--timeout .* not "1e3"/],
  [['verify', '--port-offset', '60000'], /--port-offset must be a whole number from 0 to 50000, not "60000"/],
  [['verify', '--timeout', 'x', '--port-offset', 'y'], /--timeout .*"x"; --port-offset .*"y"/],
  [['start', '--json'], /--json goes with verify/],
  [['start', '--timeout', '10'], /--timeout goes with verify/],
  [['verify', '--jsn'], /--jsn/],
] as const) {
  test(`"${argv.join(' ')}" is refused with a message that names what is wrong`, () => {
    assert.throws(
      () => parseOptions(argv),
      (error) => error instanceof UsageError && named.test(error.message) && error.message.includes('--help'),
    )
  })
}
