import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { publishedPackages } from './release/pack-packages.ts'
import { repositoryRoot } from './repository-root.ts'

const TAKE_HOME = 'tools/repository/e2e/take-home.test.ts'
const START = 'tools/pipeline/e2e/start.test.ts'
const PROGRAMS = 'tools/repository/src/programs.test.ts'

/** What runs each command of the root README: a test, or the whole check of the repository. */
const RUN_BY: Readonly<Record<string, string>> = {
  'npm ci && npm start': START,
  'npm ci && npm test': '.ci/run',
  'npm ci': '.ci/run',
  'npm start': START,
  'npm start -- --port-offset 10000': START,
  'npm run verify': 'tools/pipeline/e2e/verify.test.ts',
  'npm test': '.ci/run',
  'npm run e2e': '.ci/run',
  'npm run lint': '.ci/run',
  'npm run site': '.ci/run',
  'npm run pack -- /tmp/packages': TAKE_HOME,
  'node service.js': TAKE_HOME,
  'npx --no-install cloud-emulator': TAKE_HOME,
  'npx --no-install prometheus-sidecar': TAKE_HOME,
  'npx --no-install loadtester run script.yml': TAKE_HOME,
  'npm install /tmp/packages/': TAKE_HOME,
  'npm install --ignore-scripts /tmp/packages/': TAKE_HOME,
  'npx prometheus-sidecar --help': PROGRAMS,
  'npx cloud-emulator --help': PROGRAMS,
  'npx loadtester --help': PROGRAMS,
  'npx loadtester run SCRIPT': 'apps/loadtester/src/process.test.ts',
}

/** Commands that no test runs, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  printf: 'writes the file beside it; the tests write it themselves',
  'WORKERS=2 npm start':
    'the first of two commands for somebody who watches an alert; what they do is tested in apps/flask-app',
  'for i in 1 2 3': 'the second of them',
  'npm run bench': 'takes an hour; the figures are compared by hand before a release',
  'npx nx serve flask-app': 'runs until Ctrl-C with a watcher; the app itself is run by its tests',
  'npm start -w apps/flask-app': "runs the launcher, as the app's tests and images do",
  'npx nx run-many --target=deploy': 'needs a registry and a cluster',
  'npx nx run deploy:dashboards': 'needs a Google Cloud project',
  'apt-get install prometheus': "is the system's own command",
}

const README = readFileSync(join(repositoryRoot, 'README.md'), 'utf8')

function commands(): readonly string[] {
  const blocks = [...README.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block.replaceAll(/\\\n\s*/g, '').split('\n'),
  )
  const words = [...README.matchAll(/`((?:npm|npx|node|apt-get) [^`]+)`/g)].map(([, word = '']) => word)
  return [...blocks, ...words]
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '' && line !== 'npm run')
}

for (const command of new Set(commands())) {
  test(`README: ${command} is run by a test, or has a reason not to be`, () => {
    const known = Object.keys({ ...RUN_BY, ...NOT_RUN }).filter((start) => command.startsWith(start))
    assert.notDeepEqual(known, [])
  })
}

const packages = new Map(publishedPackages().map(({ manifest }) => [manifest.name, manifest]))

/** The packages of this repository that installing `name` needs, itself among them. */
function withDependencies(name: string): readonly string[] {
  const own = Object.keys({ ...Object(packages.get(name)?.dependencies) }).filter((dependency) =>
    packages.has(dependency),
  )
  return [...new Set([name, ...own.flatMap(withDependencies)])]
}

for (const [line, list = ''] of README.matchAll(/^npm install .*node-to-cloud-\{([\w,-]+)\}-\*\.tgz/gm)) {
  test(`README: ${line} installs what its last package needs, and no more`, () => {
    const names = list.split(',').map((name) => `@node-to-cloud/${name}`)
    assert.deepEqual(names.toSorted(), withDependencies(names.at(-1) ?? '').toSorted())
  })
}

test('the list names existing tests, and no command that is not in the README', () => {
  for (const file of Object.values(RUN_BY)) assert.ok(existsSync(join(repositoryRoot, file)), file)
  for (const start of Object.keys({ ...RUN_BY, ...NOT_RUN })) {
    assert.ok(
      commands().some((command) => command.startsWith(start)),
      start,
    )
  }
})
