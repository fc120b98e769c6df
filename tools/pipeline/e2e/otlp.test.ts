import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IDENTITY } from '../src/identity.ts'
import { portsOf } from '../src/parts/ports.ts'
import { PipelineRun } from './pipeline-run.ts'
import { untilOneTrace } from './shared-trace.ts'

const OFFSET = 18_000
const URL_OF_EMULATOR = `http://127.0.0.1:${portsOf(OFFSET).emulatorHttp}`

test('start --otlp: three signals by OTLP, on dashboards of their names, and no sidecar', async (t) => {
  const run = new PipelineRun(['start', '--otlp', '--port-offset', String(OFFSET)])
  t.after(() => run.child.kill('SIGTERM'))
  await run.until('the table of types', () => run.stdout.includes('Everything has arrived.'), 180_000)
  assert.doesNotMatch(run.stdout, /prometheus-sidecar/)
  assert.deepEqual(
    run.processes(OFFSET).filter(({ command }) => command.includes('prometheus-sidecar')),
    [],
  )

  await t.test('the metrics of the load tester, also those of its worker', () =>
    run.until('series of both', async () => {
      const names = ['loadtester_run_workers/gauge', 'loadtester_requests_total/counter']
      const found = await Promise.all(names.map((name) => seriesOf(`prometheus.googleapis.com/${name}`)))
      return found.every((count) => count > 0)
    }),
  )
  await t.test('one trace through both services', () => untilOneTrace(`${URL_OF_EMULATOR}/`))
  await t.test('the log lines of a request, with its trace', () =>
    run.until('a log line', async () => {
      const filter = 'log_id("flask-app") resource.type="k8s_container" labels."httpRequest.requestUrl":* trace:*'
      const { entries = [] } = await json('/v2/entries:list', {
        resourceNames: [`projects/${IDENTITY.projectId}`],
        filter,
      })
      return entries.length > 0
    }),
  )
  await t.test('dashboards of what is there, and nothing refused', async () => {
    const { dashboards } = await json(`/v1/projects/${IDENTITY.projectId}/dashboards`)
    const texts: string[] = dashboards.map((dashboard: unknown) => JSON.stringify(dashboard))
    assert.notEqual(texts.length, 0)
    for (const text of texts) {
      assert.match(text, /prometheus\.googleapis\.com/)
      assert.doesNotMatch(text, /external\.googleapis\.com/)
    }
    const summary = await json(`/api/summary?project=${IDENTITY.projectId}`)
    assert.deepEqual([summary.pointsRefused, summary.spansRefused, summary.entriesRefused], [0, 0, 0])
  })
})

/** How many series a metric has; before its first point there is no such metric. */
async function seriesOf(type: string): Promise<number> {
  const query = new URLSearchParams({
    filter: `metric.type="${type}"`,
    'interval.startTime': new Date(Date.now() - 3_600_000).toISOString(),
    'interval.endTime': new Date(Date.now() + 60_000).toISOString(),
  })
  const path = `/v3/projects/${IDENTITY.projectId}/timeSeries?${query}`
  const response = await fetch(`${URL_OF_EMULATOR}${path}`)
  if (response.status === 404) return 0
  assert.equal(response.status, 200, await response.clone().text())
  const { timeSeries = [] } = (await response.json()) as { timeSeries?: readonly unknown[] }
  return timeSeries.length
}

// biome-ignore lint/suspicious/noExplicitAny: answers of several methods
async function json(path: string, body?: object): Promise<any> {
  const response = await fetch(`${URL_OF_EMULATOR}${path}`, {
    ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  assert.equal(response.status, 200, await response.clone().text())
  return response.json()
}
