import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, test } from 'node:test'
import { repositoryRoot } from './repository-root.ts'

/** A word that is not a command of the program, and what its answer says. */
const TYPED_COMMANDS: Readonly<Record<string, readonly [command: string, answer: RegExp]>> = {
  bench: ['instrumentatoin', /did you mean instrumentation\?/],
  'cloud-emulator': ['tsl', /did you mean tls\?/],
  'cluster-e2e': ['strat', /takes no arguments; "strat"/],
  'custom-metrics-example': ['start', /takes no arguments; "start"/],
  'flask-app': ['start', /takes no arguments; "start"/],
  loadtester: ['standalon', /did you mean standalone\?/],
  pipeline: ['verfy', /did you mean verify\?/],
  'prometheus-sidecar': ['start', /takes no arguments; "start"/],
}

/** Options without which a program has more to say. */
const REQUIRED_OPTIONS: Readonly<Record<string, readonly string[]>> = { 'cluster-e2e': ['--context=none'] }

const launchers = globSync('{apps,libs,tools}/*/bin/*.js', { cwd: repositoryRoot }).sort()

function run(launcher: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(repositoryRoot, launcher), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { status, stdout, stderr }
}

/** Exit code 2, nothing on stdout, and one or two lines. */
function assertRefused({ status, stdout, stderr }: ReturnType<typeof run>, answer: RegExp): void {
  assert.equal(status, 2, stderr)
  assert.equal(stdout, '')
  assert.match(stderr, answer)
  assert.ok(stderr.trimEnd().split('\n').length <= 2, stderr)
}

test('every program is tested', () => {
  assert.deepEqual(launchers.map((launcher) => basename(launcher, '.js')).sort(), Object.keys(TYPED_COMMANDS).sort())
})

for (const launcher of launchers) {
  const name = basename(launcher, '.js')
  const required = REQUIRED_OPTIONS[name] ?? []
  describe(name, () => {
    test('--help', () => {
      const { status, stdout, stderr } = run(launcher, ['--help'])
      assert.equal(status, 0, stderr)
      assert.match(stdout, /^Usage:$/m)
      assert.deepEqual(
        stdout.split('\n').filter((line) => line.length > 80),
        [],
      )
    })
    test('--version', () => assert.match(run(launcher, ['--version']).stdout, /^\d+\.\d+\.\d+\n$/))
    test('a misspelt option', () => assertRefused(run(launcher, [...required, '--hepl']), /did you mean --help\?/))
    const [command, answer] = TYPED_COMMANDS[name] ?? ['', /^/]
    test('a misspelt command', () => assertRefused(run(launcher, [...required, command]), answer))
  })
}
