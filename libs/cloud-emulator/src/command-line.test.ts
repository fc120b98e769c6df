import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { type Invocation, optionsMarkdown, readCommandLine } from '@node-to-cloud/command-line'
import { PROGRAM } from './command-line.ts'

type Serve = Invocation<'serve', (typeof PROGRAM)['commands']['serve']>

function serveOptions(args: readonly string[], environment: Record<string, string> = {}): Serve['options'] {
  const line = readCommandLine(PROGRAM, args, environment)
  assert.ok(line.kind === 'command' && line.command === 'serve')
  return line.options
}

test('the defaults', () => {
  assert.deepEqual(serveOptions([]), {
    'http.listen-address': { host: '127.0.0.1', port: 8085 },
    'http.allowed-host': [],
    'grpc.listen-address': { host: '127.0.0.1', port: 8086 },
    'grpc-tls.listen-address': { host: '127.0.0.1', port: 8087 },
    'https.listen-address': { host: '127.0.0.1', port: 8088 },
    'otlp-grpc.listen-address': { host: '127.0.0.1', port: 4317 },
    'otlp-http.listen-address': { host: '127.0.0.1', port: 4318 },
    strict: 'auto',
    'tls-dir': undefined,
    dashboards: undefined,
    policies: undefined,
    'data-dir': undefined,
    'notify.allow': [],
    'uptime.allow': [],
    project: 'demo-project',
    retention: 21_600_000,
    'max-series': 50_000,
    'max-spans': 100_000,
    memory: undefined,
    'max-point-megabytes': undefined,
    'max-span-megabytes': undefined,
    'max-log-megabytes': undefined,
    'query.max-samples': undefined,
    'quota.active-series': 200_000,
    'quota.requests-per-minute': 60_000,
    'quota.sampling-period': 5000,
    'log.level': 'info',
  })
})

test('the environment sets host, project and log level; options take precedence', () => {
  const environment = { HOST: '0.0.0.0', GOOGLE_CLOUD_PROJECT: 'mine', LOG_LEVEL: 'debug' }
  const options = serveOptions(
    ['--project', 'other', '--grpc.listen-address', ':9000', '--http.listen-address=[::1]:0', '--retention=90m'],
    environment,
  )
  assert.deepEqual(options['grpc-tls.listen-address'], { host: '0.0.0.0', port: 8087 })
  assert.deepEqual(options['grpc.listen-address'], { host: '0.0.0.0', port: 9000 })
  assert.deepEqual(options['http.listen-address'], { host: '::1', port: 0 })
  assert.deepEqual([options.project, options['log.level'], options.retention], ['other', 'debug', 5_400_000])
})

test('--http.allowed-host may be repeated', () => {
  const { 'http.allowed-host': hosts } = serveOptions([
    '--http.allowed-host=a.example',
    '--http.allowed-host',
    'b.example',
  ])
  assert.deepEqual(hosts, ['a.example', 'b.example'])
})

test('cloud-emulator tls', () => {
  const line = readCommandLine(PROGRAM, ['tls', '--tls-dir', 'd'], {})
  assert.ok(line.kind === 'command' && line.command === 'tls')
  assert.deepEqual([line.options['tls-dir'], line.options.project], ['d', 'demo-project'])
})

test('cloud-emulator test-policy', () => {
  const read = (...args: string[]) => readCommandLine(PROGRAM, ['test-policy', 'p.json', ...args], {})
  const line = read('--from', '-1h', '--to', '2026-01-02T03:04:05Z')
  assert.ok(line.kind === 'command' && line.command === 'test-policy')
  assert.equal(line.arguments.FILE, 'p.json')
  assert.ok(Math.abs(Date.now() - 3_600_000 - line.options.from) < 60_000)
  assert.equal(line.options.to, Date.parse('2026-01-02T03:04:05Z'))
  assert.throws(() => read(), /needs --from/)
})

test('help and version', () => {
  for (const args of [['--help'], ['-h', '--retention=x'], ['tls', '--help'], ['--version']])
    assert.equal(readCommandLine(PROGRAM, args, {}).kind, 'information')
})

describe('values that can’t be used', () => {
  const cases: [args: string[], environment: Record<string, string>, message: RegExp][] = [
    [['--colour', 'red'], {}, /--colour is not an option of cloud-emulator/],
    [['--retentoin', '1h'], {}, /did you mean --retention\?/],
    [['start'], {}, /start/],
    [['tls', 'again', '--tls-dir=d'], {}, /cloud-emulator tls takes no arguments/],
    [['tls'], {}, /cloud-emulator tls needs --tls-dir/],
    [['--tls-dir='], {}, /--tls-dir "" can't be used/],
    [['--http.listen-address', '8085'], {}, /--http\.listen-address "8085" can't be used; it must be HOST:PORT/],
    [['--grpc.listen-address', 'x:65536'], {}, /--grpc\.listen-address "x:65536" can't be used/],
    [['--http.allowed-host', 'http://x.example'], {}, /--http\.allowed-host "http:\/\/x\.example" can't be used/],
    [['--http.allowed-host=a.example', '--http.allowed-host='], {}, /--http\.allowed-host "" can't be used/],
    [['--retention', '6'], {}, /--retention "6" can't be used; it must be a duration from 1m to /],
    [['--retention', '59s'], {}, /--retention "59s"/],
    [['--retention', '8d'], {}, /--retention "8d"/],
    [['--max-series', '0'], {}, /--max-series "0" can't be used; it must be .* from 1 to 1000000/],
    [['--max-spans', '1.5'], {}, /--max-spans "1\.5"/],
    [['--max-point-megabytes', 'lots'], {}, /--max-point-megabytes "lots"/],
    [['--project', 'a b'], {}, /--project "a b" can't be used/],
    [['--notify.allow', 'http://x'], {}, /--notify\.allow "http:\/\/x" can't be used; it must be a host name or IP/],
    [['test-policy', 'x', '--from', 'noon'], {}, /--from "noon" can't be used; it must be a time such as -1h/],
    [['--strict', 'yes'], {}, /--strict "yes" can't be used; it must be .*auto, on/],
    [[], { GOOGLE_CLOUD_PROJECT: 'a/b' }, /GOOGLE_CLOUD_PROJECT="a\/b" can't be used; it must be a project ID/],
    [[], { LOG_LEVEL: 'loud' }, /LOG_LEVEL="loud" can't be used; it must be .*trace, debug/],
  ]
  for (const [args, environment, message] of cases) {
    test([...args, ...Object.entries(environment).map(([key, value]) => `${key}=${value}`)].join(' '), () => {
      assert.throws(
        () => readCommandLine(PROGRAM, args, environment),
        (error) => error instanceof Error && 'exitCode' in error && error.exitCode === 2 && message.test(error.message),
      )
    })
  }
})

test('the README lists the options of serve', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  assert.ok(readme.includes(optionsMarkdown(PROGRAM.commands.serve.options).trim()))
})
