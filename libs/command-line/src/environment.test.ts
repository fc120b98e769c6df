import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { EnvironmentError, readEnvironment } from './environment.ts'
import { hostAndPort } from './values/host-port.ts'
import { boolean, httpUrl, integer, keyValuePairs, number, oneOf, port, text } from './values/scalar-values.ts'
import type { ValueType } from './values/value-type.ts'

interface Case {
  readonly title: string
  readonly variable: ValueType<unknown>
  readonly good: readonly (readonly [text: string, value: unknown])[]
  readonly bad: readonly string[]
}

const cases: readonly Case[] = [
  {
    title: 'integer',
    variable: integer({ min: -1, max: 10 }),
    good: [
      ['0', 0],
      ['-1', -1],
      ['10', 10],
      [' 7 ', 7],
      ['+3', 3],
    ],
    bad: ['11', '-2', '1.5', '1e1', '0x1', 'one', 'NaN', 'Infinity'],
  },
  {
    title: 'number',
    variable: number({ min: 0, max: 100 }),
    good: [
      ['0.5', 0.5],
      ['.5', 0.5],
      ['1e1', 10],
      ['100', 100],
    ],
    bad: ['-0.1', '100.1', '1,5', '10%', 'NaN', '1e999', ''.padEnd(3, 'x')],
  },
  {
    title: 'port',
    variable: port(),
    good: [
      ['0', 0],
      ['65535', 65535],
    ],
    bad: ['65536', '-1', 'http', '80/tcp'],
  },
  {
    title: 'boolean',
    variable: boolean(),
    good: [
      ['true', true],
      ['FALSE', false],
    ],
    bad: ['1', 'yes', 'on'],
  },
  { title: 'oneOf', variable: oneOf(['a', 'b']), good: [['a', 'a']], bad: ['A', 'c', 'a,b'] },
  { title: 'text', variable: text({ maxLength: 3 }), good: [['abc', 'abc']], bad: ['abcd'] },
  {
    title: 'httpUrl',
    variable: httpUrl(),
    good: [['http://localhost:4318', 'http://localhost:4318']],
    bad: ['localhost:4318', 'ftp://x', 'http://', 'grpc://x:1'],
  },
  {
    title: 'hostAndPort',
    variable: hostAndPort(),
    good: [
      ['127.0.0.1:8087', '127.0.0.1:8087'],
      ['[::1]:80', '[::1]:80'],
      ['cloudtrace.googleapis.com:443', 'cloudtrace.googleapis.com:443'],
    ],
    bad: ['localhost', ':80', 'localhost:0', 'localhost:65536', 'http://localhost:80', 'a b:1'],
  },
  {
    title: 'keyValuePairs',
    variable: keyValuePairs(),
    good: [
      ['a=1,b=x%20y', { a: '1', b: 'x y' }],
      ['a=b=c,', { a: 'b=c' }],
    ],
    bad: ['a', '=1', 'a=%', 'a=1,b'],
  },
]

for (const { title, variable, good, bad } of cases) {
  describe(title, () => {
    for (const [value, expected] of good) {
      test(`takes ${JSON.stringify(value)}`, () => {
        assert.deepEqual(readEnvironment({ X: variable }, { X: value }), { X: expected })
      })
    }
    for (const value of bad) {
      test(`refuses ${JSON.stringify(value)}`, () => {
        assert.throws(
          () => readEnvironment({ X: variable }, { X: value }),
          (error) =>
            error instanceof EnvironmentError &&
            error.message.includes(`X=${JSON.stringify(value)} can't be used; it must be ${variable.allowed}`),
        )
      })
    }
  })
}

test('names every bad variable in one error, with exit code 2', () => {
  const spec = { A: port(), B: boolean(), C: integer({ min: 1, max: 2, default: 1 }) }
  assert.throws(() => readEnvironment(spec, { A: 'x', B: 'y', C: '1' }), {
    code: 'ERR_ENVIRONMENT',
    exitCode: 2,
    problems: [
      { name: 'A', value: '"x"', allowed: 'a port from 0 to 65535 (0: any free one)' },
      { name: 'B', value: '"y"', allowed: 'true or false' },
    ],
  })
})

test('a variable that is not set, or set to nothing, has its default', () => {
  const spec = { A: port({ default: 80 }), B: port() }
  assert.deepEqual(readEnvironment(spec, { A: '' }), { A: 80, B: undefined })
})

test('a required variable must be set', () => {
  assert.throws(
    () => readEnvironment({ A: text({ required: true }) }, {}),
    /A is not set; it must be 1 to 1024 characters long/,
  )
})

test('a secret is never printed, and a long value is cut', () => {
  const spec = { TOKEN: keyValuePairs({ secret: true }), LONG: boolean() }
  assert.throws(
    () => readEnvironment(spec, { TOKEN: 'hunter2', LONG: 'x'.repeat(10_000) }),
    (error) => error instanceof EnvironmentError && !error.message.includes('hunter2') && error.message.length < 500,
  )
})

test('NODE_DEBUG=command-line logs where each value comes from, but no secret', () => {
  const program = `
    import { keyValuePairs, port, readEnvironment } from '${new URL('./index.ts', import.meta.url)}'
    readEnvironment({ PORT: port({ default: 80 }), OTHER: port({ default: 81 }), TOKEN: keyValuePairs({ secret: true }) })`
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env: { ...process.env, NODE_DEBUG: 'command-line', PORT: '8080', OTHER: '', TOKEN: 'a=hunter2' },
  })
  assert.match(
    stderr,
    /PORT: "8080" from the environment\n.*OTHER: default 81\n.*TOKEN: \(hidden\) from the environment/,
  )
  assert.doesNotMatch(stderr, /hunter2/)
})
