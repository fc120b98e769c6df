import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import type { Report } from '../src/arrival/report.ts'
import { EXPECTED_OTLP_TYPES, EXPECTED_TYPES, type ExpectedType } from '../src/expected-types.ts'
import { portsOf } from '../src/parts/ports.ts'
import { has, listens, PipelineRun } from './pipeline-run.ts'

async function verified(t: { after(run: () => void): void }, args: readonly string[]): Promise<Report> {
  const run = new PipelineRun(['verify', '--json', ...args])
  t.after(() => run.child.kill('SIGTERM'))
  const { code } = await run.closed
  assert.equal(code, 0, run.stderr)
  return JSON.parse(run.stdout)
}

function assertComplete(report: Report, expected: readonly ExpectedType[] = EXPECTED_TYPES): void {
  assert.equal(report.ok, true)
  assert.equal(report.rejected, 0)
  assert.deepEqual(report.missing, [])
  assert.deepEqual(
    report.types.map(({ type, metricKind, valueType, present }) => ({ type, metricKind, valueType, present })),
    expected.map(({ type, metricKind, valueType }) => ({ type, metricKind, valueType, present: true })),
  )
  for (const { series, points } of report.types) assert(series > 0 && points >= series)
  for (const { spans } of report.traces) assert(spans > 0)
}

test('verify --json: all types with their kinds, spans of each traced service, nothing refused', async (t) => {
  assertComplete(await verified(t, ['--port-offset', '11000', '--timeout', '180']))
})

test('verify --prometheus: the same through a real Prometheus', { skip: !has('prometheus') }, async (t) => {
  assertComplete(await verified(t, ['--port-offset', '12000', '--timeout', '180', '--prometheus']))
})

test('verify --otlp: the same by OTLP, without Prometheus and the sidecar', async (t) => {
  assertComplete(await verified(t, ['--port-offset', '12500', '--timeout', '180', '--otlp']), EXPECTED_OTLP_TYPES)
})

test("flask-app's port is taken: exit 1, and the part and the port are named", async (t) => {
  const port = portsOf(13_000).flaskApp
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const run = new PipelineRun(['verify', '--json', '--port-offset', '13000'])
  const { code } = await run.closed
  assert.equal(code, 1)
  assert.match(run.stderr, new RegExp(`flask-app: port ${port}`))
  const report: Report = JSON.parse(run.stdout)
  assert.equal(report.ok, false)
  assert.match(report.missing[0] ?? '', /flask-app/)
})

const PARTS = ['flask-app', 'custom-metrics-example', 'prometheus-sidecar', 'cloud-emulator', 'loadtester']

for (const [index, part] of PARTS.entries()) {
  test(`${part} is killed during verify: exit 1, it is named, and nothing is left`, async (t) => {
    const offset = 14_000 + index * 100
    const run = new PipelineRun(['verify', '--json', '--port-offset', String(offset), '--timeout', '600'])
    t.after(() => run.child.kill('SIGTERM'))
    await run.until('all parts started', () => /metric types/.test(run.stderr))
    const victims = run
      .processes(offset)
      .filter(({ command }) => new RegExp(`(apps|libs)/${part}/src/main.ts`).test(command))
    assert.notEqual(victims.length, 0)
    for (const { pid } of victims) process.kill(pid, 'SIGKILL')
    const { code } = await run.closed
    assert.equal(code, 1, run.stderr)
    const report: Report = JSON.parse(run.stdout)
    assert.equal(report.ok, false)
    assert.match(report.missing[0] ?? '', new RegExp(`^${part} `))
    assert.deepEqual(run.processes(offset), [])
    for (const port of Object.values(portsOf(offset))) assert.equal(await listens(port), false, `port ${port}`)
  })
}
