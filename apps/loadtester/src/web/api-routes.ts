import type { FastifyInstance, FastifyReply } from 'fastify'
import { renderFailuresCsv, renderStatsCsv, renderTimelineCsv } from '../report/csv.ts'
import { renderReportHtml } from '../report/html.ts'
import type { RunReport } from '../report/run-report.ts'
import { MasterError } from '../run/master-error.ts'
import type { Console } from './console.ts'
import { readChange, readStartRequest } from './load-request.ts'
import { stateView } from './state-view.ts'

/** The load tester's own REST interface, under `/api`. */
export function addApiRoutes(app: FastifyInstance, console: Console): void {
  const { master, store, catalog, starter } = console

  app.get<{ Querystring: { since?: string } }>('/api/state', async ({ query }) => {
    const since = Number(query.since ?? 0)
    return stateView(console, Number.isFinite(since) ? since : 0)
  })

  app.post('/api/run', async (request, reply) => {
    const run = await starter.start(readStartRequest(request.body))
    return reply.code(201).send({ id: run.id, state: run.state })
  })
  app.patch('/api/run', async (request) => {
    if (master.run === undefined) throw new MasterError('NO_RUN', 'No run is on; start one first.')
    const { level, changePerSecond } = readChange(request.body, master.run.request.model)
    master.setLevel(level, { changePerSecond })
    return { id: master.run.id, state: master.run.state }
  })
  for (const [action, act] of [
    ['pause', () => master.pause()],
    ['resume', () => master.resume()],
    ['stop', () => master.stop()],
    ['reset', () => master.reset()],
  ] as const) {
    app.post(`/api/run/${action}`, async () => {
      if (master.run === undefined) throw new MasterError('NO_RUN', 'No run is on; start one first.')
      await act()
      return { id: master.run.id, state: master.run.state }
    })
  }

  app.get('/api/runs', async () => store.list())
  app.get<{ Params: { id: string } }>('/api/runs/:id', async ({ params }, reply) =>
    withReport(params.id, reply, (report) => report),
  )
  app.delete<{ Params: { id: string } }>('/api/runs/:id', async ({ params }, reply) =>
    (await store.remove(params.id)) ? reply.code(204).send() : notFound(reply, params.id),
  )
  app.get<{ Params: { id: string; file: string } }>('/api/runs/:id/:file', async ({ params }, reply) => {
    const make = Object.hasOwn(downloads, params.file) ? downloads[params.file] : undefined
    if (make === undefined)
      return reply.code(404).send({ error: 'NOT_FOUND', message: `There are ${Object.keys(downloads).join(', ')}.` })
    return withReport(params.id, reply, (report) => {
      const name = `${report.script.replace(/[^\w.-]/g, '_')}-${new Date(report.startedMs).toISOString().replace(/[:.]/g, '-')}-${params.file}`
      void reply.header('content-disposition', `attachment; filename="${name}"`)
      return reply.type(make.type).send(make.render(report))
    })
  })

  app.get('/api/scripts', async () => catalog.names())
  app.get<{ Params: { name: string } }>('/api/scripts/:name', async ({ params }, reply) =>
    reply.type('text/plain; charset=utf-8').send(await catalog.source(params.name)),
  )
  app.get('/api/log', async () => console.log.all)

  async function withReport(id: string, reply: FastifyReply, answer: (report: RunReport) => unknown): Promise<unknown> {
    const current = master.run?.report(master.now())
    const report = id === 'current' || id === current?.id ? current : await store.get(id)
    return report === undefined ? notFound(reply, id) : answer(report)
  }
}

/** The files of a run, and how they are made. */
export const downloads: Readonly<
  Record<string, { readonly type: string; readonly render: (report: RunReport) => string }>
> = {
  'report.html': { type: 'text/html; charset=utf-8', render: renderReportHtml },
  'report.json': {
    type: 'application/json; charset=utf-8',
    render: (report) => `${JSON.stringify(report, undefined, 1)}\n`,
  },
  'stats.csv': { type: 'text/csv; charset=utf-8', render: renderStatsCsv },
  'failures.csv': { type: 'text/csv; charset=utf-8', render: renderFailuresCsv },
  'timeline.csv': { type: 'text/csv; charset=utf-8', render: renderTimelineCsv },
}

function notFound(reply: FastifyReply, id: string): FastifyReply {
  return reply.code(404).send({ error: 'NOT_FOUND', message: `There is no run ${JSON.stringify(id)}.` })
}
