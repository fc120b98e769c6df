import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseCommandLine, UsageError } from './command-line.ts'

test('the defaults', () => {
  assert.deepEqual(parseCommandLine([], {}), {
    command: 'serve',
    config: {
      httpListenAddress: { host: '127.0.0.1', port: 8085 },
      allowedHosts: [],
      grpcListenAddress: { host: '127.0.0.1', port: 8086 },
      grpcTlsListenAddress: { host: '127.0.0.1', port: 8087 },
      tlsDir: undefined,
      dashboardsDir: undefined,
      project: 'demo-project',
      retentionSeconds: 21_600,
      maxSeries: 50_000,
      maxSpans: 100_000,
      maxPointMegabytes: 512,
      maxSpanMegabytes: 256,
      logLevel: 'info',
    },
  })
})

test('the environment gives host, project and log level; options go first', () => {
  const environment = { HOST: '0.0.0.0', GOOGLE_CLOUD_PROJECT: 'mine', LOG_LEVEL: 'debug' }
  const parsed = parseCommandLine(
    ['--project', 'other', '--grpc.listen-address', ':9000', '--http.listen-address=[::1]:0', '--retention=90m'],
    environment,
  )
  assert.equal(parsed.command, 'serve')
  if (parsed.command !== 'serve') return
  assert.deepEqual(parsed.config.grpcTlsListenAddress, { host: '0.0.0.0', port: 8087 })
  assert.deepEqual(parsed.config.grpcListenAddress, { host: '0.0.0.0', port: 9000 })
  assert.deepEqual(parsed.config.httpListenAddress, { host: '::1', port: 0 })
  assert.deepEqual(
    [parsed.config.project, parsed.config.logLevel, parsed.config.retentionSeconds],
    ['other', 'debug', 5400],
  )
})

test('several hosts', () => {
  const parsed = parseCommandLine(['--http.allowed-host=a.example', '--http.allowed-host', 'b.example'], {})
  assert.deepEqual(parsed.command === 'serve' && parsed.config.allowedHosts, ['a.example', 'b.example'])
})

test('other commands', () => {
  assert.deepEqual(parseCommandLine(['tls', '--tls-dir', 'd'], {}), {
    command: 'tls',
    tlsDir: 'd',
    project: 'demo-project',
  })
  assert.deepEqual(parseCommandLine(['--help'], {}), { command: 'help' })
  assert.deepEqual(parseCommandLine(['-h', '--retention=x'], {}), { command: 'help' })
  assert.deepEqual(parseCommandLine(['--version'], {}), { command: 'version' })
})

describe('what is wrong', () => {
  const cases: [args: string[], environment: Record<string, string>, message: RegExp][] = [
    [['--colour', 'red'], {}, /Unknown option '--colour'.*See cloud-emulator --help/],
    [['start'], {}, /"start" is not a command; the only one is "tls"/],
    [['tls', 'again', '--tls-dir=d'], {}, /"tls again" is not a command/],
    [['tls'], {}, /cloud-emulator tls needs --tls-dir DIR/],
    [['--tls-dir='], {}, /--tls-dir is empty/],
    [['--http.listen-address', '8085'], {}, /--http\.listen-address "8085" can't be used; it must be HOST:PORT/],
    [['--grpc.listen-address', 'x:65536'], {}, /--grpc\.listen-address "x:65536" can't be used/],
    [['--http.allowed-host', 'http://x.example'], {}, /--http\.allowed-host "http:\/\/x\.example" can't be used/],
    [['--http.allowed-host=a.example', '--http.allowed-host='], {}, /--http\.allowed-host "" can't be used/],
    [['--retention', '6'], {}, /--retention "6" can't be used; it must be from 60s to 7d/],
    [['--retention', '59s'], {}, /--retention "59s"/],
    [['--retention', '8d'], {}, /--retention "8d"/],
    [['--max-series', '0'], {}, /--max-series "0" can't be used; it must be a whole number from 1 to 1000000/],
    [['--max-spans', '1.5'], {}, /--max-spans "1\.5"/],
    [['--max-point-megabytes', 'lots'], {}, /--max-point-megabytes "lots"/],
    [['--project', 'a b'], {}, /The project "a b" can't be used/],
    [[], { GOOGLE_CLOUD_PROJECT: 'a/b' }, /The project "a\/b" can't be used.*\(--project or GOOGLE_CLOUD_PROJECT\)/],
    [[], { LOG_LEVEL: 'loud' }, /The log level "loud" can't be used; it must be one of trace, debug/],
  ]
  for (const [args, environment, message] of cases) {
    test([...args, ...Object.entries(environment).map(([key, value]) => `${key}=${value}`)].join(' '), () => {
      assert.throws(
        () => parseCommandLine(args, environment),
        (error) => error instanceof UsageError && error.exitCode === 2 && message.test(error.message),
      )
    })
  }
})
