import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { repositoryRoot } from './repository-root.ts'

const CLIENT = 'Only libs/telemetry imports the Prometheus client and OpenTelemetry.'
const APPS = 'Nothing imports an app: apps meet over HTTP only, and libs never import apps.'
const BROWSER = 'Server code does not import browser code: what both need belongs in a contract that both import.'
const TESTS = 'Product code imports no test code and no tools.'
const CONVERSION = 'Conversion is pure: samples in, time series out, no I/O and nothing of the folders around it.'
const NODE = 'Browser code does not import modules of Node.'
const CYCLE = 'This import is part of a cycle.'

/** A line in a file, and what `npm run lint` has to say of it: undefined where it is allowed. */
const CASES: readonly (readonly [file: string, line: string, message: string | undefined])[] = [
  ['apps/flask-app/src/x.ts', "import { Counter } from 'prom-client'", CLIENT],
  ['apps/flask-app/src/x.test.ts', "import type { Counter } from 'prom-client'", CLIENT],
  ['libs/cloud-emulator/src/x.ts', "export { Counter } from '@prometheus-io/client'", CLIENT],
  ['apps/flask-app/src/x.ts', "import metrics from 'fastify-metrics'", CLIENT],
  ['tools/pipeline/src/x.ts', "import '@opentelemetry/sdk-trace-node'", CLIENT],
  ['libs/prometheus-sidecar/src/x.ts', "const api = await import('@opentelemetry/api')", CLIENT],
  ['libs/telemetry/src/metrics/x.ts', "import { Counter } from 'prom-client'", undefined],
  ['libs/telemetry/bench/x.ts', "import metrics from 'fastify-metrics'", undefined],
  ['apps/flask-app/src/x.ts', "import { Counter } from '@node-to-cloud/telemetry'", undefined],

  ['apps/flask-app/src/x.ts', "import { run } from '@node-to-cloud/loadtester'", APPS],
  ['apps/flask-app/src/x.ts', "import { run } from '../../loadtester/src/main.ts'", APPS],
  ['libs/telemetry/e2e/x.test.ts', "import { app } from '../../../apps/flask-app/src/app.ts'", APPS],

  ['apps/loadtester/src/web/x.ts', "import type { State } from '../ui/browser/state.ts'", BROWSER],
  ['apps/loadtester/src/web/x.test.ts', "import type { State } from '../ui/browser/state.ts'", undefined],
  ['apps/loadtester/src/ui/browser/charts/x.ts', "import { table } from '../../browser/table.ts'", undefined],
  ['libs/cloud-emulator/src/web/x.ts', "import type { State } from '../contract/state.ts'", undefined],

  ['libs/telemetry/src/x.ts', "import { random } from '../test/testing/random.ts'", TESTS],
  ['libs/telemetry/src/x.ts', "import { random } from './testing/random.ts'", TESTS],
  ['apps/flask-app/src/x.ts', "import { readSeries } from '@node-to-cloud/telemetry/testing'", TESTS],
  ['libs/cloud-emulator/src/x.ts', "import { freePort } from '@node-to-cloud/bench'", TESTS],
  ['apps/flask-app/src/x.test.ts', "import { readSeries } from '@node-to-cloud/telemetry/testing'", undefined],
  ['libs/cloud-emulator/e2e/x.ts', "import { freePort } from '@node-to-cloud/bench'", undefined],
  ['libs/telemetry/src/x.test.ts', "import { random } from '../test/testing/random.ts'", undefined],
  ['libs/telemetry/src/x.ts', "import { test } from 'node:test'", undefined],

  ['libs/prometheus-sidecar/src/convert/x.ts', "import { readFileSync } from 'node:fs'", CONVERSION],
  ['libs/prometheus-sidecar/src/convert/x.ts', "import { credentials } from '@grpc/grpc-js'", CONVERSION],
  ['libs/prometheus-sidecar/src/convert/x.ts', "import type { Lane } from '../write/lane.ts'", CONVERSION],
  ['libs/prometheus-sidecar/src/convert/formats/x.ts', "import { flags } from '../../config/flags.ts'", CONVERSION],
  ['libs/prometheus-sidecar/src/convert/x.test.ts', "import { readFileSync } from 'node:fs'", undefined],
  ['libs/prometheus-sidecar/src/convert/x.ts', "import type { Sample } from '../model/sample.ts'", undefined],
  ['libs/prometheus-sidecar/src/write/x.ts', "import { readFileSync } from 'node:fs'", undefined],

  ['libs/cloud-emulator/src/ui/browser/x.ts', "import { join } from 'node:path'", NODE],
  ['libs/cloud-emulator/src/ui/x.ts', "import { join } from 'node:path'", undefined],

  ['libs/telemetry/src/metrics/chicken.ts', "import type { Egg } from './egg.ts'", CYCLE],
  ['libs/telemetry/src/metrics/egg.ts', "import { Chicken } from './chicken.ts'", CYCLE],
]

let folder: string
let diagnostics: readonly string[]

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-rules-'))
  for (const path of ['biome.json', 'tools/repository/import-rules']) {
    cpSync(join(repositoryRoot, path), join(folder, path), { recursive: true })
  }
  for (const [index, [file, line]] of CASES.entries()) {
    const path = join(folder, fileOf(file, index))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${line}\n`)
  }
  const biome = join(repositoryRoot, 'node_modules/@biomejs/biome/bin/biome')
  const args = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=github', '.']
  const result = spawnSync(process.execPath, [biome, ...args], { cwd: folder, encoding: 'utf8' })
  diagnostics = `${result.stdout}${result.stderr}`.split('\n')
})

after(() => rmSync(folder, { recursive: true }))

/** The file that holds a case's line. Each `x` gets a name of its own. */
function fileOf(file: string, index: number): string {
  return file.replace(/\/x\./, `/x${index}.`)
}

for (const [index, [file, line, message]] of CASES.entries()) {
  test(`${file}: ${line}: ${message ?? 'allowed'}`, () => {
    const found = diagnostics.filter((text) => text.includes(`/${fileOf(file, index)},`))
    const messages = found.map((text) => text.slice(text.lastIndexOf('::') + 2))
    const known = [CLIENT, APPS, BROWSER, TESTS, CONVERSION, NODE, CYCLE]
    assert.deepEqual(
      messages.filter((text) => known.includes(text)),
      message === undefined ? [] : [message],
    )
  })
}
