import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Problem, WorkerState } from '../contract/api.ts'
import type { RunReport, RunState, SeriesRow } from '../contract/run-report.ts'
import { renderFailuresCsv, renderStatsCsv } from '../report/csv.ts'
import { renderReportHtml } from '../report/html.ts'
import { escapeHtml } from '../report/svg-chart.ts'
import { bearerOf } from './access-guard.ts'
import { readSwarmRequest } from './load-request.ts'
import { workerViews } from './state-view.ts'
import type { WebContext } from './web-context.ts'

/** Locust's names for the states of workers. */
const WORKER_STATES: Readonly<Record<WorkerState, string>> = {
  idle: 'ready',
  preparing: 'spawning',
  ready: 'spawning',
  running: 'running',
  stopping: 'stopping',
  failed: 'missing',
  lost: 'missing',
  left: 'stopped',
}

/** Locust's names for the states of a run. */
const RUN_STATES: Readonly<Record<RunState, string>> = {
  preparing: 'spawning',
  running: 'running',
  paused: 'running',
  stopping: 'stopping',
  finished: 'stopped',
  failed: 'stopped',
}

/** Downloads, and the type of each. */
const DOWNLOADS: Readonly<
  Record<string, readonly [type: string, file: string, render: (report: RunReport) => string]>
> = {
  '/stats/report': ['text/html', 'report.html', renderReportHtml],
  '/stats/requests/csv': ['text/csv', 'requests.csv', renderStatsCsv],
  '/stats/failures/csv': ['text/csv', 'failures.csv', renderFailuresCsv],
}

/** Locust's REST interface, for clients that were written for it: https://docs.locust.io/en/stable/api.html */
export function addLocustRoutes(app: FastifyInstance, context: WebContext): void {
  const { master, starter, targets, log } = context
  const report = (): RunReport | undefined => master.run?.report(master.now())

  app.post('/swarm', async (request) => {
    const wanted = readSwarmRequest(request.body)
    const { run } = master
    const current = run?.request
    // As in Locust, the load of a running test changes, unless another host is asked for.
    if (
      run?.isLive === true &&
      current?.model === 'closed' &&
      (wanted.target ?? current.script.target) === current.script.target
    ) {
      master.setLevel(wanted.users, { changePerSecond: wanted.spawnRate })
    } else {
      await master.stop('another test was started')
      await starter.start(wanted)
    }
    return { success: true, message: 'Swarming started', host: wanted.target ?? targets[0] }
  })
  addChange(app, '/stop', async () => {
    await master.stop()
    return { success: true, message: 'Test stopped' }
  })
  addChange(app, '/stats/reset', async (reply) => {
    master.reset()
    return plainText(reply, 'ok')
  })
  app.get('/stats/requests', async () => locustStats(context, report()))
  for (const [path, [type, file, render]] of Object.entries(DOWNLOADS)) {
    app.get(path, async (_request, reply) => {
      const current = report()
      if (current === undefined) return plainText(reply.code(404), 'No run yet.\n')
      return reply
        .type(`${type}; charset=utf-8`)
        .header('content-disposition', `attachment; filename="${file}"`)
        .send(render(current))
    })
  }
  app.get('/exceptions', async () => ({
    exceptions: (report()?.errors ?? []).map(([msg, count]) => ({ count, msg, traceback: '', nodes: '' })),
  }))
  app.get('/worker-count', async (_request, reply) => plainText(reply, String(master.fleet.present.length)))
  app.get('/logs', async () => ({ master: log.all.map(({ text }) => text), workers: {} }))
}

/**
 * A route that changes something: by POST, as in Locust 2.47; as in earlier ones also by GET, but only with the token in a
 * header, which no image or link of another page can send.
 */
function addChange(app: FastifyInstance, path: string, change: (reply: FastifyReply) => Promise<unknown>): void {
  app.post(path, async (_request, reply) => change(reply))
  app.get(path, async ({ headers }, reply) => {
    if (bearerOf(headers.authorization) !== undefined) return change(reply)
    const message = `Use POST, or GET with the token in a header, for ${path}.`
    return reply
      .code(405)
      .header('allow', 'POST')
      .send({ error: 'ERR_METHOD', message } satisfies Problem)
  })
}

function plainText(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/plain').send(text)
}

function locustStats({ master }: WebContext, report: RunReport | undefined): Readonly<Record<string, unknown>> {
  const latest = report?.timeline.at(-1)
  const rate = latest?.requests ?? 0
  return {
    stats: report === undefined ? [] : [...report.series, report.total].map((row) => locustRow(row, rate)),
    errors: (report?.failureRows ?? []).map(({ method, name, error, count }) => ({
      method,
      name: escapeHtml(name),
      error: escapeHtml(error),
      occurrences: count,
    })),
    total_rps: rate,
    fail_ratio: report === undefined || report.requests === 0 ? 0 : report.failures / report.requests,
    // Locust 2.12 has the first two, later releases the third.
    current_response_time_percentile_50: latest?.p50 ?? null,
    current_response_time_percentile_95: latest?.p95 ?? null,
    current_response_time_percentiles: {
      'response_time_percentile_0.5': latest?.p50 ?? null,
      'response_time_percentile_0.95': latest?.p95 ?? null,
    },
    total_avg_response_time: report?.latencyMs.mean ?? 0,
    user_count: latest?.users ?? 0,
    state: report === undefined ? 'ready' : RUN_STATES[report.state],
    workers: workerViews(master.fleet).map(({ name, state, users, cpuCores, memoryBytes }) => ({
      id: name,
      state: WORKER_STATES[state],
      user_count: users,
      cpu_usage: Math.round(cpuCores * 100),
      memory_usage: memoryBytes,
    })),
  }
}

function locustRow(row: SeriesRow, currentRate: number): Readonly<Record<string, unknown>> {
  const { p50, p90, p95, p99, mean, min, max } = row.latencyMs
  return {
    method: row.method === '' ? null : row.method,
    name: row.name,
    safe_name: escapeHtml(row.name),
    num_requests: row.requests,
    num_failures: row.failures,
    min_response_time: min,
    max_response_time: max,
    avg_response_time: mean,
    median_response_time: p50,
    ninetieth_response_time: p90,
    ninety_ninth_response_time: p99,
    'response_time_percentile_0.95': p95,
    'response_time_percentile_0.99': p99,
    current_rps: row.name === 'Aggregated' ? currentRate : row.rate,
    current_fail_per_sec: row.failureRate,
    avg_content_length: row.requests === 0 ? 0 : row.bytes / row.requests,
  }
}
