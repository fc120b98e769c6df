import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseCommandLine, UsageError } from './command-line.ts'

describe('the command line', () => {
  for (const [args, command] of [
    [[], { kind: 'service', mode: undefined, environment: {} }],
    [['standalone'], { kind: 'service', mode: 'standalone', environment: {} }],
    [
      ['master', '--expect-workers', '3'],
      { kind: 'service', mode: 'master', environment: { LOAD_EXPECT_WORKERS: '3' } },
    ],
    [
      ['worker', '--master', 'http://m:8089'],
      { kind: 'service', mode: 'worker', environment: { LOAD_MASTER: 'http://m:8089' } },
    ],
    [['--help'], { kind: 'help' }],
    [['run', '-h'], { kind: 'help' }],
    [['-v'], { kind: 'version' }],
  ] as const) {
    it(`reads: ${args.join(' ') || '(nothing)'}`, () => {
      assert.deepEqual(parseCommandLine(args), command)
    })
  }

  it('reads a run', () => {
    const command = parseCommandLine([
      'run',
      's.yml',
      '--target',
      'http://t',
      '--rate',
      '0.5',
      '--duration',
      '10',
      '--workers',
      '2',
      '--report',
      'r.html',
      '--json',
    ])
    assert.deepEqual(command, {
      kind: 'run',
      run: {
        script: 's.yml',
        target: 'http://t',
        environment: undefined,
        rate: 0.5,
        users: undefined,
        spawnRate: undefined,
        durationSeconds: 10,
        workers: 2,
        reportFile: 'r.html',
        json: true,
      },
    })
  })

  for (const [args, says] of [
    [['fly'], /"fly" is no command/],
    [['run'], /needs a script/],
    [['run', 'a', 'b'], /one argument too many/],
    [['run', 'a', '--rate', 'NaN'], /--rate must be a number.*"NaN"/],
    [['run', 'a', '--rate', '-1'], /--rate/],
    [['run', 'a', '--rate', ''], /--rate/],
    [['run', 'a', '--users', '1.5'], /--users must be a whole number/],
    [['run', 'a', '--rate', '1', '--users', '1'], /exclude each other/],
    [['run', 'a', '--workers', '0'], /--workers/],
    [['run', 'a', '--duration', '0'], /--duration/],
    [['run', 'a', '--target', 'nowhere'], /--target must be a URL/],
    [['run', 'a', '--wat'], /--wat/],
    [['master', '--rate', '1'], /--rate is no option of loadtester master/],
    [['standalone', 'x'], /too many/],
  ] as const) {
    it(`refuses: ${args.join(' ')}`, () => {
      assert.throws(
        () => parseCommandLine(args),
        (error) => error instanceof UsageError && error.exitCode === 2 && says.test(error.message),
      )
    })
  }
})
