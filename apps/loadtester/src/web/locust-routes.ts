import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Problem, WorkerState } from '../contract/api.ts'
import type { RunReport } from '../contract/run-report.ts'
import { renderExceptionsCsv, renderFailuresCsv, renderStatsCsv, renderTimelineCsv } from '../report/csv.ts'
import { renderReportHtml } from '../report/html.ts'
import { bearerOf } from './access-guard.ts'
import { readSwarmRequest } from './load-request.ts'
import { locustExceptions, locustLogs, locustStats, locustTasks } from './locust-stats.ts'
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

/** Downloads, and the type of each. */
const DOWNLOADS: Readonly<
  Record<string, readonly [type: string, file: string, render: (report: RunReport) => string]>
> = {
  '/stats/report': ['text/html', 'report.html', renderReportHtml],
  '/stats/requests/csv': ['text/csv', 'requests.csv', renderStatsCsv],
  '/stats/requests_full_history/csv': ['text/csv', 'requests_full_history.csv', renderTimelineCsv],
  '/stats/failures/csv': ['text/csv', 'failures.csv', renderFailuresCsv],
  '/exceptions/csv': ['text/csv', 'exceptions.csv', renderExceptionsCsv],
}

/** Locust's REST API, for clients that were written for it: https://docs.locust.io/en/stable/api.html */
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
      await master.setLevel(wanted.users, { changePerSecond: wanted.spawnRate })
    } else {
      await master.stop('another test was started')
      await starter.start(wanted)
    }
    const { durationSeconds: run_time } = wanted
    return { success: true, message: 'Swarming started', host: wanted.target ?? targets[0], run_time }
  })
  addChange(app, '/stop', async () => {
    await master.stop()
    return { success: true, message: 'Test stopped' }
  })
  addChange(app, '/stats/reset', async (reply) => {
    master.reset()
    return plainText(reply, 'ok')
  })
  app.get('/stats/requests', async () => ({
    ...locustStats(report()),
    workers: workersOf(context),
    worker_count: master.fleet.present.length,
  }))
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
  app.get('/exceptions', async () => ({ exceptions: locustExceptions(report()) }))
  app.get('/tasks', async () => locustTasks(report()))
  app.get('/worker-count', async () => ({ worker_count: master.fleet.present.length }))
  app.get('/logs', async () => locustLogs(log.all))
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

function workersOf({ master }: WebContext): unknown[] {
  return workerViews(master.fleet).map(({ name, state, users, cpuCores, memoryBytes }) => ({
    id: name,
    state: WORKER_STATES[state],
    user_count: users,
    cpu_usage: Math.round(cpuCores * 100),
    memory_usage: memoryBytes,
  }))
}
