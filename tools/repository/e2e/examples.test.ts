import assert from 'node:assert/strict'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { freePort } from '@node-to-cloud/bench'
import { parse } from 'yaml'
import { repositoryRoot } from '../src/repository-root.ts'
import { answerOf } from './answer-of.ts'

const SOURCES = '--conditions=@node-to-cloud/source'
const example = (path: string) => join(repositoryRoot, 'examples', path)
const runFile = promisify(execFile)

async function withService(
  file: string,
  use: (addresses: Readonly<Record<'url' | 'metricsUrl', string>>) => Promise<void>,
): Promise<void> {
  const [port, metricsPort] = await Promise.all([freePort(), freePort()])
  const service = spawn(process.execPath, [SOURCES, example(file)], {
    env: { ...process.env, PORT: String(port), METRICS_PORT: String(metricsPort), OTEL_TRACES_EXPORTER: 'none' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    const metricsUrl = `http://127.0.0.1:${metricsPort}`
    await answerOf(`${metricsUrl}/readyz`, (_text, status) => status === 200)
    await use({ url: `http://127.0.0.1:${port}`, metricsUrl })
    service.kill('SIGTERM')
    const [code] = await once(service, 'exit')
    assert.equal(code, 0)
  } finally {
    service.kill('SIGKILL')
  }
}

test('fastify-service answers and counts its requests', () =>
  withService('fastify-service/service.js', async ({ url, metricsUrl }) => {
    assert.equal(await (await fetch(url)).text(), 'Hello World!')
    await answerOf(`${metricsUrl}/metrics`, (text) =>
      /^http_server_request_duration_seconds_count\{[^}]*http_response_status_code="200"[^}]*\} 1$/m.test(text),
    )
  }))

test('node-http-service has metrics of its own', () =>
  withService('node-http-service/service.js', async ({ url, metricsUrl }) => {
    assert.equal((await fetch(`${url}/orders`)).status, 200)
    assert.equal((await fetch(`${url}/nothing`)).status, 404)
    await answerOf(
      `${metricsUrl}/metrics`,
      (text) =>
        text.includes('shop_orders_total{kind="book"} 1') &&
        text.includes('shop_request_duration_seconds_count{status="404"} 1'),
    )
  }))

test('emulator-in-tests passes', async () => {
  const args = [SOURCES, '--test', '--test-reporter=tap', example('emulator-in-tests/orders.test.js')]
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { stdout } = await runFile(process.execPath, args, { env })
  assert.match(stdout, /^# pass 2$/m)
})

test('sidecar-beside-prometheus: Prometheus accepts the configuration', { skip: !hasPromtool() }, () => {
  execFileSync('promtool', ['check', 'config', example('sidecar-beside-prometheus/prometheus.yml')])
})

for (const [title, answer, delayMs, code] of [
  ['passes against a fast service', 200, 0, 0],
  ['fails against a slow one', 200, 400, 1],
  ['fails against one with errors', 500, 0, 1],
] as const) {
  test(`load-test-in-ci ${title}`, async (t) => {
    const server = createServer((_request, response) => {
      response.statusCode = answer
      setTimeout(() => response.end('x'), delayMs)
    }).listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    const address = server.address()
    assert.ok(address !== null && typeof address === 'object')
    const loadtester = join(repositoryRoot, 'apps/loadtester/bin/loadtester.js')
    const args = [example('load-test-in-ci/script.yml'), '--target', `http://127.0.0.1:${address.port}`]
    const run = spawn(process.execPath, [loadtester, 'run', ...args], { stdio: 'ignore' })
    const [exitCode] = await once(run, 'exit')
    assert.equal(exitCode, code)
  })
}

test('load-test-in-ci: the workflow runs the script, and its actions are pinned by digest', () => {
  const { jobs } = parse(readFileSync(example('load-test-in-ci/workflow.yml'), 'utf8'))
  const steps: readonly { readonly uses?: string; readonly run?: string }[] = jobs['load-test'].steps
  for (const { uses } of steps) if (uses !== undefined) assert.match(uses, /@[0-9a-f]{40}$/)
  assert.ok(steps.some(({ run }) => run?.includes('loadtester run script.yml')))
})

function hasPromtool(): boolean {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
