import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { packPackages } from '../src/release/pack-packages.ts'
import { EmptyProject } from './empty-project.ts'
import { canIsolate, NAMESPACE, WAIT } from './isolated.ts'
import { blocksOf, commandsOf } from './readme-blocks.ts'

const tarballs = mkdtempSync(join(tmpdir(), 'tarballs-'))
const project = new EmptyProject()
before(() => void packPackages(tarballs))
after(async () => {
  await project[Symbol.asyncDispose]()
  rmSync(tarballs, { recursive: true })
})

test('the blocks of "Use it in your own project", as they are in the README', {
  skip: !canIsolate && 'needs root',
}, () => {
  const blocks = blocksOf('Use it in your own project')
  const [service, emulator, sidecar, load, ...others] = blocks
    .filter(({ language }) => language === 'sh')
    .map(commandsOf)
  const code = blocks.find(({ language }) => language === 'js')?.text
  assert.ok(service && emulator && sidecar && load && code)
  assert.deepEqual(others, [])
  project.write('service.js', code)
  project.write('wait.mjs', WAIT)
  const all = [...service, ...emulator, ...sidecar, ...load]
  const installs = all.filter((command) => command.startsWith('npm install '))
  for (const command of installs)
    inProject(`${command.replaceAll('/tmp/packages', tarballs)} --no-audit --no-fund --prefer-offline`)
  const run = (commands: readonly string[]) => commands.filter((command) => !installs.includes(command))
  const inBackground = (commands: readonly string[]) =>
    run(commands).map((command) => (command.startsWith('printf ') ? command : `${command} > /dev/null &`))
  const script = [
    'set -e',
    'ip link set lo up',
    ...inBackground(emulator),
    'export OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:8085',
    ...inBackground(service),
    ...inBackground(sidecar),
    'node wait.mjs http://127.0.0.1:9100/readyz ok',
    // Whether a slow machine keeps the bound is not what is tested here.
    ...run(load).map((command) => command.replace('p95: 200', 'p95: 60000')),
    "node wait.mjs 'http://127.0.0.1:8085/api/metrics' prometheus/http_server_request",
    // Traces begin in the load test, which sends its spans there too.
    `node wait.mjs 'http://127.0.0.1:8085/api/traces' '"hello"'`,
    'echo all is there',
  ].join('\n')
  project.write('readme.sh', script)
  const printed = execFileSync('unshare', [...NAMESPACE, 'bash', 'readme.sh'], {
    cwd: project.folder,
    env: project.env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  assert.match(printed, /all is there\n$/)
})

function inProject(command: string): void {
  execFileSync('bash', ['-c', command], {
    cwd: project.folder,
    env: project.env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
