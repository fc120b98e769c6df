import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { environmentMarkdown, optionsMarkdown, readCommandLine, UsageError } from '@node-to-cloud/command-line'
import { type Invocation, loadOf, PROGRAM, programFor, settingsOf } from './command-line.ts'
import { OWN_VARIABLES } from './environment.ts'

function read(args: readonly string[], environment: Record<string, string> = {}): Invocation {
  const line = readCommandLine(programFor(environment), args, environment)
  assert.ok(line.kind === 'command')
  if (line.command === 'run') loadOf(line)
  return line
}

describe('the command line', () => {
  for (const { args, environment = {}, command, option, value } of [
    { args: [], command: 'standalone' },
    { args: [], environment: { LOAD_MODE: 'worker' }, command: 'worker' },
    { args: ['standalone'], environment: { LOAD_MODE: 'worker' }, command: 'standalone' },
    { args: ['master', '--expect-workers', '3'], command: 'master', option: 'expect-workers', value: 3 },
    {
      args: ['master'],
      environment: { LOAD_EXPECT_WORKERS: '2' },
      command: 'master',
      option: 'expect-workers',
      value: 2,
    },
    { args: ['worker', '--master', 'http://m:8089'], command: 'worker', option: 'master', value: 'http://m:8089' },
    {
      args: ['worker'],
      environment: { LOAD_MASTER: 'm:8089' },
      command: 'worker',
      option: 'master',
      value: 'http://m:8089',
    },
  ]) {
    it(`reads: ${JSON.stringify(environment)} ${args.join(' ') || '(nothing)'}`, () => {
      const line = read(args, environment)
      assert.equal(line.command, command)
      if (option !== undefined) assert.equal(Reflect.get(line.options, option), value)
    })
  }

  for (const { args, says } of [
    { args: ['--help'], says: /^Runs load tests.*Usage:.*loadtester run SCRIPT.*standalone.*master.*worker/s },
    { args: ['run', '-h'], says: /--rate N.*--json.*Exit code: 0/s },
    { args: ['worker', '--help'], says: /--master URL.*LOAD_TOKEN/s },
    { args: ['-v'], says: /^\d+\.\d+\.\d+\n$/ },
  ]) {
    it(`answers ${args.join(' ')}`, () => {
      const line = readCommandLine(programFor({}), args, {})
      assert.ok(line.kind === 'information')
      assert.match(line.text, says)
    })
  }

  it('reads a run', () => {
    const line = read(
      ['run', 's.yml', '--target', 'http://t', '--rate', '0.5', '--duration', '1m', '--workers', '2'].concat([
        '--report',
        'r.html',
        '--json',
      ]),
    )
    assert.ok(line.command === 'run')
    const { SCRIPT } = line.arguments
    const given = Object.entries({ SCRIPT, ...line.options, ...loadOf(line) })
    assert.deepEqual(Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== false)), {
      SCRIPT: 's.yml',
      target: 'http://t',
      rate: 0.5,
      duration: 60_000,
      durationSeconds: 60,
      workers: 2,
      report: 'r.html',
      json: true,
    })
  })

  it('reads what artillery run has', () => {
    const line = read([
      'run',
      's.yml',
      '-t',
      'http://t',
      '-e',
      'stage',
      '-k',
      '--variables',
      '{"a":[1]}',
      '-p',
      '/p.csv',
    ])
    assert.ok(line.command === 'run')
    const given = Object.entries(settingsOf(line)).filter(([, value]) => value !== undefined)
    assert.deepEqual(Object.fromEntries(given), {
      target: 'http://t',
      environment: 'stage',
      variables: { a: [1] },
      insecure: true,
      payload: '/p.csv',
    })
  })

  for (const [text, seconds] of [
    ['10', 10],
    ['0.5', 0.5],
    ['1m30s', 90],
  ] as const) {
    it(`reads a duration of ${text} as ${seconds} s`, () => {
      const line = read(['run', 'a', '--duration', text])
      assert.equal(line.command === 'run' && loadOf(line).durationSeconds, seconds)
    })
  }

  for (const [args, says] of [
    [['fly'], /fly.* is not a command/],
    [['mastr'], /did you mean master\?/],
    [['run'], /SCRIPT/],
    [['run', 'a', 'b'], /b/],
    [['run', 'a', '--rate', 'NaN'], /--rate "NaN" can't be used; it must be a number/],
    [['run', 'a', '--rate', '-1'], /--rate/],
    [['run', 'a', '--rate', ''], /--rate/],
    [['run', 'a', '--users', '1.5'], /--users "1.5" can't be used; it must be a whole number/],
    [['run', 'a', '--rate', '1', '--users', '1'], /are mutually exclusive/],
    [['run', 'a', '--spawn-rate', '1'], /--spawn-rate needs --users/],
    [['run', 'a', '--workers', '0'], /--workers/],
    [['run', 'a', '--duration', '0'], /--duration/],
    [['run', 'a', '--target', 'nowhere'], /--target "nowhere" can't be used; it must be a URL/],
    [['run', 'a', '--wat'], /--wat is not an option/],
    [['run', 'a', '--tarrget', 'http://t'], /did you mean --target\?/],
    [['master', '--rate', '1'], /--rate is not an option of loadtester master/],
    [['standalone', 'x'], /x/],
  ] as const) {
    it(`refuses: ${args.join(' ')}`, () => {
      assert.throws(
        () => read(args),
        (error) => error instanceof UsageError && error.exitCode === 2 && says.test(error.message),
      )
    })
  }

  it('refuses a LOAD_MODE that is not a service', () => {
    assert.throws(() => read([], { LOAD_MODE: 'flying' }), /LOAD_MODE.*one of standalone, master, worker/)
  })

  it('is documented in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    for (const table of [
      optionsMarkdown(PROGRAM.commands.run.options),
      optionsMarkdown(PROGRAM.commands.k8s.options),
      environmentMarkdown(OWN_VARIABLES),
    ])
      assert.ok(readme.includes(table.trim()), `put this into README.md:\n${table}`)
  })
})
