import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EnvironmentError } from '../environment.ts'
import { type CommandLine, readCommandLine, UsageError } from '../index.ts'
import type { ProgramSpec } from '../program-spec.ts'
import { duration } from '../values/duration.ts'
import { listenAddress } from '../values/host-port.ts'
import { file, flag, integer, oneOf, port, text } from '../values/scalar-values.ts'
import { ignored, repeatable, required, ValueError, valueType } from '../values/value-type.ts'

const PROGRAM = {
  name: 'emulator',
  version: '1.2.3',
  summary: 'An emulated cloud',
  defaultCommand: 'serve',
  commands: {
    serve: {
      summary: 'Serve until a signal',
      options: {
        'http.listen-address': listenAddress({ port: 8085, help: 'Web UI and REST' }),
        'log.level': oneOf(['info', 'warn'], { default: 'info', environment: 'LOG_LEVEL', help: 'What is logged' }),
        retention: duration({ min: 60_000, default: 21_600_000, help: 'How long points are kept' }),
        include: repeatable(text({ placeholder: 'SELECTOR', help: 'Series that are kept' })),
        strict: flag({ short: 's', help: 'Refuse what the API refuses' }),
        offset: integer({ min: -10, max: 10, default: 0, help: 'Added' }),
        format: ignored(text({ help: 'Of another program' })),
        even: valueType('an even number', (value) => {
          if (value === '13') throw new ValueError('13 brings bad luck')
          return Number(value) % 2 === 0 ? Number(value) : undefined
        }),
        token: text({ secret: true, maxLength: 3, help: 'A secret' }),
      },
      environment: { WORKERS: integer({ min: 1, max: 256, default: 1, help: 'Processes' }) },
    },
    check: {
      summary: 'Check files',
      options: { json: flag({ help: 'Print JSON' }) },
      arguments: { FILE: required(repeatable(file({ help: 'What is checked' }))) },
    },
    tls: {
      summary: 'Write certificates',
      options: { 'tls-dir': required(file({ placeholder: 'DIR', environment: 'TLS_DIR', help: 'Where' })) },
    },
  },
} as const satisfies ProgramSpec

type Line = CommandLine<typeof PROGRAM>

function read(
  args: readonly string[],
  environment: Record<string, string> = {},
): Exclude<Line, { kind: 'information' }> {
  const line = readCommandLine(PROGRAM, args, environment)
  return line.kind === 'command' ? line : assert.fail(line.text)
}

function serve(args: readonly string[], environment: Record<string, string> = {}) {
  const line = read(args, environment)
  return line.command === 'serve' ? line : assert.fail(line.command)
}

test('values, defaults and the environment; the types follow from the specification', () => {
  const { options, environment, ignored, given, calledAs } = serve(['--retention', '90m', '--format=x'], {
    HOST: '::1',
  })
  const retentionMs: number = options.retention
  const level: 'info' | 'warn' = options['log.level']
  const include: readonly string[] = options.include
  const workers: number = environment.WORKERS
  assert.deepEqual(
    { retentionMs, level, include, workers },
    { retentionMs: 5_400_000, level: 'info', include: [], workers: 1 },
  )
  assert.deepEqual(options['http.listen-address'], { host: '::1', port: 8085 })
  assert.equal(options.strict, false)
  assert.equal(options.even, undefined)
  assert.deepEqual(ignored, ['--format'])
  assert.deepEqual([...given], ['retention', 'format'])
  assert.equal(calledAs, 'emulator')
})

describe('what is understood', () => {
  for (const [args, environment, name, expected] of [
    [['serve', '--retention=2h'], {}, 'retention', 7_200_000],
    [['--retention=2h', 'serve'], {}, 'retention', 7_200_000],
    [['--retention=2h', '--retention=3h'], {}, 'retention', 10_800_000],
    [['--include', 'a', '--include=b,c'], {}, 'include', ['a', 'b,c']],
    [['--include=-x'], {}, 'include', ['-x']],
    [['-s'], {}, 'strict', true],
    [['--strict'], {}, 'strict', true],
    [['--no-strict'], {}, 'strict', false],
    [['--strict=false'], {}, 'strict', false],
    [['--strict', '--no-strict'], {}, 'strict', false],
    [['--offset', '-3'], {}, 'offset', -3],
    [[], { LOG_LEVEL: 'warn' }, 'log.level', 'warn'],
    [[], { LOG_LEVEL: ' ' }, 'log.level', 'info'],
    [['--log.level=info'], { LOG_LEVEL: 'nonsense' }, 'log.level', 'info'],
    [['--http.listen-address=:1'], { HOST: 'x' }, 'http.listen-address', { host: '0.0.0.0', port: 1 }],
  ] as const) {
    test(`${args.join(' ')} ${JSON.stringify(environment)}`, () => {
      assert.deepEqual(serve([...args], environment).options[name], expected)
    })
  }

  test('arguments, in any place among the options', () => {
    const line = read(['check', 'a', '--json', 'b'])
    assert.ok(line.command === 'check')
    assert.deepEqual([line.arguments.FILE, line.options.json], [['a', 'b'], true])
  })
  test('a required option from its environment variable', () => {
    const line = read(['tls'], { TLS_DIR: '/tls' })
    assert.ok(line.command === 'tls')
    assert.equal(line.options['tls-dir'], '/tls')
  })
})

describe('what is refused, in one message that points to the help', () => {
  for (const [args, message] of [
    [['--retenton', '2h'], '--retenton is not an option of emulator; did you mean --retention?\nTry: emulator --help'],
    [['--retenton=2h'], '--retenton is not an option of emulator; did you mean --retention?\nTry: emulator --help'],
    [['--xyzzy'], '--xyzzy is not an option of emulator\nTry: emulator --help'],
    [['--constructor'], '--constructor is not an option of emulator\nTry: emulator --help'],
    [['-x'], '-x is not an option of emulator\nTry: emulator --help'],
    [['--json'], '--json is not an option of emulator, but of emulator check\nTry: emulator --help'],
    [['check', 'a', '-s'], '-s is not an option of emulator check, but of emulator serve\nTry: emulator check --help'],
    [['chek', 'a'], '"chek" is not a command of emulator; did you mean check?\nTry: emulator --help'],
    [['foo'], '"foo" is not a command of emulator; the commands are serve, check, tls\nTry: emulator --help'],
    [['toString'], '"toString" is not a command of emulator; the commands are serve, check, tls\nTry: emulator --help'],
    [['serve', 'x'], 'emulator serve takes no arguments; "x" can\'t be used\nTry: emulator serve --help'],
    [['check'], 'emulator check needs FILE; it must be the path of a file\nTry: emulator check --help'],
    [['tls'], 'emulator tls needs --tls-dir DIR (or TLS_DIR); it must be the path of a file\nTry: emulator tls --help'],
    [['--retention'], '--retention needs a value: --retention DURATION\nTry: emulator --help'],
    [
      ['--include', '--strict'],
      '--include needs a value, but "--strict" follows; a value with a dash is written --include=SELECTOR\nTry: emulator --help',
    ],
    [['--strict=yes'], '--strict "yes" can\'t be used; it must be true or false\nTry: emulator --help'],
    [
      ['--retention', '5'],
      '--retention "5" can\'t be used; it must be a duration of at least 1m, such as 5s or 1h30m\nTry: emulator --help',
    ],
    [['--retention='], /^--retention "" can't be used; it must be a duration/],
    [['--even', '13'], '--even "13" can\'t be used; 13 brings bad luck\nTry: emulator --help'],
    [['--even', '3'], '--even "3" can\'t be used; it must be an even number\nTry: emulator --help'],
    [['--token', 'hunter2'], "--token (hidden) can't be used; it must be 1 to 3 characters long\nTry: emulator --help"],
  ] as const) {
    test(args.join(' '), () => {
      assert.throws(() => readCommandLine(PROGRAM, [...args], {}), {
        name: 'UsageError',
        code: 'ERR_USAGE',
        exitCode: 2,
        message,
      })
    })
  }

  test('every problem of options and environment in one message', () => {
    assert.throws(
      () => readCommandLine(PROGRAM, ['--even=3', '--offset=11', '--nope'], { WORKERS: 'many', LOG_LEVEL: 'loud' }),
      new UsageError(
        [
          '--nope is not an option of emulator',
          '--offset "11" can\'t be used; it must be a whole number from -10 to 10',
          '--even "3" can\'t be used; it must be an even number',
          'LOG_LEVEL="loud" can\'t be used; it must be one of info, warn',
          'WORKERS="many" can\'t be used; it must be a whole number from 1 to 256',
        ],
        { command: 'emulator' },
      ),
    )
  })

  test('problems of the environment alone are those of readEnvironment', () => {
    assert.throws(
      () => readCommandLine(PROGRAM, [], { WORKERS: 'many', LOG_LEVEL: 'loud' }),
      (error) =>
        error instanceof EnvironmentError &&
        error.message.startsWith("the environment can't be used:\n  LOG_LEVEL=") &&
        error.problems.length === 2,
    )
  })

  test('a long value is cut', () => {
    assert.throws(
      () => readCommandLine(PROGRAM, [`--even=${'x'.repeat(10_000)}`], {}),
      (error) => {
        return error instanceof UsageError && error.message.length < 400
      },
    )
  })
})

describe('help and version', () => {
  const text = (args: readonly string[]) => {
    const line = readCommandLine(PROGRAM, args, { WORKERS: 'bad values do not matter' })
    return line.kind === 'information' ? line.text : assert.fail(line.command)
  }
  test('--version and -v', () => {
    assert.equal(text(['--version']), '1.2.3\n')
    assert.equal(text(['check', '-v']), '1.2.3\n')
  })
  test('--help of the program', () => {
    assert.equal(
      text(['--help']),
      `An emulated cloud.

Usage:
  emulator [serve] [options]
  emulator check FILE… [options]
  emulator tls [options]

Commands:
  serve  Serve until a signal
  check  Check files
  tls    Write certificates

Options (of serve, the default command):
  --http.listen-address HOST:PORT
                                  Web UI and REST (default 127.0.0.1:8085)
  --log.level info|warn           What is logged (default info; environment
                                  LOG_LEVEL)
  --retention DURATION            How long points are kept (default 6h)
  --include SELECTOR              Series that are kept (repeatable)
  -s, --strict                    Refuse what the API refuses
  --offset N                      Added (default 0)
  --token VALUE                   A secret
  -h, --help                      Show this help and exit
  -v, --version                   Show the version and exit

Accepted without effect: --format.

Environment:
  WORKERS  Processes (default 1)

The environment variable HOST replaces 127.0.0.1 in default addresses.
DURATION: whole numbers with their units, the largest first: y, w, d, h, m, s,
ms, such as 1h30m, 5s or 100ms. 0 needs no unit.

Options of a command: emulator COMMAND --help
`,
    )
  })
  test('-h of a command wins over everything else', () => {
    assert.equal(
      text(['check', '-h', '--nope']),
      `Check files.

Usage:
  emulator check FILE… [options]

Arguments:
  FILE  What is checked (required; repeatable)

Options:
  --json      Print JSON
  -h, --help  Show this help and exit
`,
    )
  })
})

test('a program without commands', () => {
  const program = {
    name: 'app',
    version: '1.0.0',
    summary: 'An app',
    environment: { PORT: port({ default: 80 }) },
  } as const
  const line = readCommandLine(program, [], { PORT: '81' })
  assert.ok(line.kind === 'command')
  const port81: number = line.environment.PORT
  assert.equal(port81, 81)
  assert.throws(
    () => readCommandLine(program, ['start'], {}),
    /^UsageError: app takes no arguments; "start" can't be used/,
  )
})

test('a program that needs a command says which there are', () => {
  const { defaultCommand: _, ...program } = PROGRAM
  assert.throws(() => readCommandLine(program, [], {}), /emulator needs a command: serve, check, tls/)
})

test('a command that npm calls is named as the user calls it', () => {
  const program = {
    name: 'pipeline',
    version: '1.0.0',
    summary: 'All',
    commands: {
      start: { summary: 'Start', calledAs: 'npm start --' },
      verify: { summary: 'Verify', calledAs: 'npm run verify --', options: { json: flag({ help: 'JSON' }) } },
    },
  } as const
  assert.throws(() => readCommandLine(program, ['verify', '--jsn'], {}), {
    message: '--jsn is not an option of npm run verify; did you mean --json?\nTry: npm run verify -- --help',
  })
  assert.throws(() => readCommandLine(program, ['start', '--json'], {}), {
    message: '--json is not an option of npm start, but of npm run verify\nTry: npm start -- --help',
  })
  const line = readCommandLine(program, ['verify', '--help'], {})
  assert.match(line.kind === 'information' ? line.text : '', /^Usage:\n {2}npm run verify -- \[options\]$/m)
})
