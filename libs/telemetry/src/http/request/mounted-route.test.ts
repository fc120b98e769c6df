import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { startRecording, TEST_METRICS } from '../../../test/recording.ts'
import { httpTelemetry } from '../http-telemetry.ts'

type Next = (error?: Error) => void

/** The part of Express 5 that is used here; its types are a separate package. */
interface ExpressRouter extends RequestListener {
  get(
    path: string | RegExp | string[],
    handler: (request: IncomingMessage, response: ServerResponse, next: Next) => unknown,
  ): void
  use(path: string | RegExp | string[], handler: unknown): void
}
interface ExpressModule {
  (): ExpressRouter
  Router(options?: { readonly mergeParams: boolean }): ExpressRouter
}
const express: ExpressModule = createRequire(import.meta.url)('express')

function routerOf(path: string, options?: { readonly mergeParams: boolean }): ExpressRouter {
  const router = express.Router(options)
  router.get(path, (_request, response) => response.end('found'))
  return router
}

function app(): ExpressRouter {
  const main = express()
  main.use('/plain', routerOf('/:id'))
  main.use('/teams/:team', routerOf('/members/:member'))
  main.use('/merged/:team', routerOf('/members/:member', { mergeParams: true }))
  const outer = express.Router()
  outer.use('/:inner', routerOf('/leaf'))
  main.use('/nested/:outer', outer)
  main.use('/v:version', routerOf('/status'))
  main.use(/^\/shop-(\d+)/, routerOf('/items'))
  const mountedApp = express()
  mountedApp.get('/of-an-app', (_request, response) => response.end('found'))
  main.use('/apps/:app', mountedApp)
  main.use(['/first/:a', '/second/:b'], routerOf('/one-of-two'))
  return main
}

const CASES: readonly (readonly [route: string, ...paths: string[]])[] = [
  ['/plain/:id', '/plain/1', '/plain/2'],
  ['/teams/:team/members/:member', '/teams/a/members/1', '/teams/b/members/2', '/teams/%C3%A4%20b/members/3?q=1'],
  ['/merged/:team/members/:member', '/merged/a/members/a', '/merged/b/members/2'],
  ['/nested/:outer/:inner/leaf', '/nested/a/b/leaf', '/nested/c/c/leaf'],
  ['/v:version/status', '/v1/status', '/v22/status'],
  ['/shop-:0/items', '/shop-1/items', '/shop-345/items'],
  ['/apps/:app/of-an-app', '/apps/x/of-an-app', '/apps/y/of-an-app'],
  ['/first/:a/one-of-two', '/first/1/one-of-two'],
  ['/second/:b/one-of-two', '/second/1/one-of-two'],
]

/**
 * The handlers that respond after the routers have been left again: the application's own error handler, Express'
 * default one, or a later middleware.
 */
const ANSWERED_LATER: readonly (readonly [path: string, route: string, handler: (next: Next) => unknown])[] = [
  ['thrown', '/teams/:team/thrown', () => assert.fail('thrown')],
  ['rejected', '/teams/:team/rejected', () => Promise.reject(new Error('rejected'))],
  ['passed-on', '/teams/:team/passed-on', (next) => next(new Error('passed on'))],
  ['later', '/teams/:team/later', (next) => setImmediate(next, new Error('later'))],
]

test('a request whose error leaves the routers again keeps its route', async () => {
  const router = express.Router()
  for (const [path, , handler] of ANSWERED_LATER) router.get(`/${path}`, (_request, _response, next) => handler(next))
  const main = express()
  main.use('/teams/:team', router)
  main.use('/', (_error: unknown, _request: IncomingMessage, response: ServerResponse, _next: Next) => {
    response.statusCode = 500
    response.end()
  })
  const counts = await countRequests(
    main,
    ANSWERED_LATER.map(([path]) => `/teams/7/${path}`),
    500,
  )
  assert.deepEqual(counts, Object.fromEntries(ANSWERED_LATER.map(([, route]) => [route, 1])))
})

test('the route of a request has the pattern of each path at which its router is mounted, not the path that it matched', async () => {
  const paths = CASES.flatMap(([, ...paths]) => paths)
  assert.deepEqual(
    await countRequests(app(), paths, 200),
    Object.fromEntries(CASES.map(([route, ...paths]) => [route, paths.length])),
  )
})

/** Requests each path, and returns what was counted, by route. */
async function countRequests(
  listener: RequestListener,
  paths: readonly string[],
  status: number,
): Promise<Record<string, number>> {
  const server = createServer(listener)
  const { telemetry, registry, shutdown } = await startRecording()
  httpTelemetry(server, { telemetry, metrics: TEST_METRICS })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  for (const path of paths) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    assert.equal(response.status, status, path)
    await response.text()
  }
  const counts = (await registry.metrics()).matchAll(
    /^duration_seconds_count\{method="GET",path="([^"]+)",status="\d+"\} (\d+)$/gm,
  )
  await shutdown.begin('test')
  return Object.fromEntries(Array.from(counts, ([, route = '', count]) => [route, Number(count)]))
}
