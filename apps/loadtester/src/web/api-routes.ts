import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Answers, Problem, RunStatus } from '../contract/api.ts'
import type { RunReport } from '../contract/run-report.ts'
import { renderFailuresCsv, renderStatsCsv, renderTimelineCsv } from '../report/csv.ts'
import { renderReportHtml } from '../report/html.ts'
import { MasterError } from '../run/master-error.ts'
import type { Run } from '../run/run.ts'
import { readChange, readStartRequest } from './load-request.ts'
import { stateView } from './state-view.ts'
import type { WebContext } from './web-context.ts'

type Answer<Route extends keyof Answers> = { readonly Reply: Answers[Route] | Problem }
type RunParams = { readonly Params: { readonly id: string } }

/** Files of a run that can be downloaded. */
const DOWNLOADS: Readonly<Record<string, { readonly type: string; readonly render: (report: RunReport) => string }>> = {
  'report.html': { type: 'text/html', render: renderReportHtml },
  'report.json': { type: 'application/json', render: (report) => `${JSON.stringify(report, undefined, 1)}\n` },
  'stats.csv': { type: 'text/csv', render: renderStatsCsv },
  'failures.csv': { type: 'text/csv', render: renderFailuresCsv },
  'timeline.csv': { type: 'text/csv', render: renderTimelineCsv },
}

/** The load tester's own REST API, under `/api`. */
export function addApiRoutes(app: FastifyInstance, context: WebContext): void {
  const { catalog, log, starter } = context
  app.get<{ Querystring: { since?: string } } & Answer<'GET /api/state'>>('/api/state', async ({ query }) => {
    const since = Number(query.since ?? 0)
    return stateView(context, Number.isFinite(since) ? since : 0)
  })
  addRunRoutes(app, context)
  addHistoryRoutes(app, context)
  app.get<Answer<'GET /api/scripts'>>('/api/scripts', async () => catalog.names())
  app.get<{ Params: { name: string } } & Answer<'GET /api/scripts/:name'>>(
    '/api/scripts/:name',
    async ({ params }, reply) => reply.type('text/plain; charset=utf-8').send(await catalog.source(params.name)),
  )
  app.get<{ Params: { name: string } } & Answer<'GET /api/scripts/:name/choices'>>(
    '/api/scripts/:name/choices',
    async ({ params }) => starter.choices(params.name),
  )
  app.get<Answer<'GET /api/log'>>('/api/log', async () => log.all)
}

/** Starts, changes and stops the run. */
function addRunRoutes(app: FastifyInstance, { master, starter }: WebContext): void {
  const currentRun = (): Run => {
    if (master.run === undefined) throw new MasterError('ERR_NO_RUN', 'No run is active; start one first.')
    return master.run
  }
  app.post<Answer<'POST /api/run'>>('/api/run', async (request, reply) =>
    reply.code(201).send(statusOf(await starter.start(readStartRequest(request.body)))),
  )
  app.patch<Answer<'PATCH /api/run'>>('/api/run', async (request) => {
    const run = currentRun()
    const { level, changePerSecond } = readChange(request.body, run.request.model)
    await master.setLevel(level, { changePerSecond })
    return statusOf(run)
  })
  const actions = {
    pause: () => master.pause(),
    resume: () => master.resume(),
    stop: () => master.stop(),
    reset: () => master.reset(),
  }
  for (const [action, act] of Object.entries(actions)) {
    app.post<Answer<`POST /api/run/${keyof typeof actions}`>>(`/api/run/${action}`, async () => {
      const run = currentRun()
      await act()
      return statusOf(run)
    })
  }
}

/** Lists runs, and serves their reports. */
function addHistoryRoutes(app: FastifyInstance, { master, store }: WebContext): void {
  const findReport = async (id: string): Promise<RunReport | undefined> => {
    const current = master.run?.report(master.now())
    return id === 'current' || id === current?.id ? current : store.get(id)
  }
  app.get<Answer<'GET /api/runs'>>('/api/runs', async () => store.list())
  app.get<RunParams & Answer<'GET /api/runs/:id'>>(
    '/api/runs/:id',
    async ({ params: { id } }, reply) => (await findReport(id)) ?? notFound(reply, noRun(id)),
  )
  app.delete<RunParams & Answer<'DELETE /api/runs/:id'>>('/api/runs/:id', async ({ params: { id } }, reply) =>
    (await store.remove(id)) ? reply.code(204).send(undefined) : notFound(reply, noRun(id)),
  )
  app.get<{ Params: { id: string; file: string } }>('/api/runs/:id/:file', async ({ params }, reply) => {
    const { id, file } = params
    const download = Object.hasOwn(DOWNLOADS, file) ? DOWNLOADS[file] : undefined
    if (download === undefined) return notFound(reply, `The files of a run are ${Object.keys(DOWNLOADS).join(', ')}.`)
    const report = await findReport(id)
    if (report === undefined) return notFound(reply, noRun(id))
    const started = new Date(report.startedMs).toISOString().replace(/[:.]/g, '-')
    const name = `${report.script.replace(/[^\w.-]/g, '_')}-${started}-${file}`
    return reply
      .header('content-disposition', `attachment; filename="${name}"`)
      .type(`${download.type}; charset=utf-8`)
      .send(download.render(report))
  })
}

function statusOf({ id, state }: Run): RunStatus {
  return { id, state }
}

function noRun(id: string): string {
  return `There is no run ${JSON.stringify(id)}.`
}

function notFound(reply: FastifyReply, message: string): FastifyReply {
  return reply.code(404).send({ error: 'ERR_NOT_FOUND', message } satisfies Problem)
}
