import type { FastifyInstance } from 'fastify'
import { renderFailuresCsv, renderStatsCsv } from '../report/csv.ts'
import { renderReportHtml } from '../report/html.ts'
import type { RunReport, SeriesRow } from '../report/run-report.ts'
import { escapeHtml } from '../report/svg-chart.ts'
import type { Console } from './console.ts'
import { readSwarmRequest } from './load-request.ts'
import { workerViews } from './state-view.ts'

/** Locust's REST interface, so that what was made for it goes on working: https://docs.locust.io/en/stable/api.html */
export function addLocustRoutes(app: FastifyInstance, console: Console): void {
  const { master, starter } = console
  const report = (): RunReport | undefined => master.run?.report(master.now())

  app.post('/swarm', async (request) => {
    const wanted = readSwarmRequest(request.body)
    const run = master.run
    // Locust changes the load of a run that is on, where it is asked for the same host.
    if (
      run?.isLive === true &&
      run.request.model === 'closed' &&
      (wanted.target ?? run.request.script.target) === run.request.script.target
    ) {
      master.setLevel(wanted.users ?? 1, { changePerSecond: wanted.spawnRate })
    } else {
      if (run?.isLive === true) await master.stop('another test was asked for')
      await starter.start(wanted)
    }
    return { success: true, message: 'Swarming started', host: wanted.target ?? console.targets[0] }
  })
  app.get('/stop', async () => {
    await master.stop()
    return { success: true, message: 'Test stopped' }
  })
  app.get('/stats/reset', async (_request, reply) => {
    master.reset()
    return reply.type('text/plain').send('ok')
  })
  app.get('/stats/requests', async () => locustStats(console, report()))
  app.get('/stats/report', async (_request, reply) => {
    const current = report()
    if (current === undefined) return reply.code(404).type('text/plain').send('No run yet.\n')
    return reply
      .type('text/html; charset=utf-8')
      .header('content-disposition', 'attachment; filename="report.html"')
      .send(renderReportHtml(current))
  })
  for (const [path, render] of [
    ['/stats/requests/csv', renderStatsCsv],
    ['/stats/failures/csv', renderFailuresCsv],
  ] as const) {
    app.get(path, async (_request, reply) => {
      const current = report()
      if (current === undefined) return reply.code(404).type('text/plain').send('No run yet.\n')
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="${path.split('/')[2]}.csv"`)
        .send(render(current))
    })
  }
  app.get('/exceptions', async () => ({
    exceptions: (report()?.errors ?? []).map(([msg, count]) => ({ count, msg, traceback: '', nodes: '' })),
  }))
  app.get('/worker-count', async (_request, reply) =>
    reply.type('text/plain').send(String(master.fleet.present.length)),
  )
  app.get('/logs', async () => ({ master: console.log.all.map(({ text }) => text), workers: {} }))
}

/** The states that Locust knows of workers, by ours. */
const workerStates: Readonly<Record<string, string>> = {
  idle: 'ready',
  preparing: 'spawning',
  ready: 'spawning',
  lost: 'missing',
  failed: 'missing',
  left: 'stopped',
}

function locustStats(console: Console, report: RunReport | undefined): unknown {
  const latest = report?.timeline.at(-1)
  const states: Readonly<Record<string, string>> = {
    preparing: 'spawning',
    running: 'running',
    paused: 'running',
    stopping: 'stopping',
  }
  return {
    stats:
      report === undefined ? [] : [...report.series, report.total].map((row) => locustRow(row, latest?.requests ?? 0)),
    errors: (report?.failureRows ?? []).map(({ method, name, error, count }) => ({
      method,
      name: escapeHtml(name),
      error: escapeHtml(error),
      occurrences: count,
    })),
    total_rps: latest?.requests ?? 0,
    fail_ratio: report === undefined || report.requests === 0 ? 0 : report.failures / report.requests,
    // Locust 2.12 has the first two, its successors the third.
    current_response_time_percentile_50: latest?.p50 ?? null,
    current_response_time_percentile_95: latest?.p95 ?? null,
    current_response_time_percentiles: {
      'response_time_percentile_0.5': latest?.p50 ?? null,
      'response_time_percentile_0.95': latest?.p95 ?? null,
    },
    total_avg_response_time: report?.latencyMs.mean ?? 0,
    user_count: latest?.users ?? 0,
    state: report === undefined ? 'ready' : (states[report.state] ?? 'stopped'),
    workers: workerViews(console).map((worker) => ({
      id: worker.name,
      state: workerStates[worker.state] ?? worker.state,
      user_count: worker.users,
      cpu_usage: Math.round(worker.cpuCores * 100),
      memory_usage: worker.memoryBytes,
    })),
  }
}

function locustRow(row: SeriesRow, currentRate: number): unknown {
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
