import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = (path: string) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)))

const WEBSOCKET = fileURLToPath(import.meta.resolve('@fastify/websocket'))

/** The kind of server of a service. */
export type ServerKind =
  | 'fastify'
  | 'fastify on localhost'
  | 'fastify, TLS'
  | 'fastify, HTTP/2'
  | 'fastify, HTTP/2 over TLS'
  | 'node:http'

/** The addresses of localhost for the service, since not every machine gives it `::1`. */
export const LOCALHOST_ADDRESSES = ['127.0.0.1', '127.0.0.2'] as const

const TWO_ADDRESSES = `import dns from 'node:dns'
const { lookup } = dns
dns.lookup = (host, ...rest) => {
  if (host !== 'localhost') return lookup(host, ...rest)
  const [options, done] = rest.length === 1 ? [{}, rest[0]] : rest
  const addresses = ${JSON.stringify(LOCALHOST_ADDRESSES)}.map((address) => ({ address, family: 4 }))
  if (options.all) done(null, addresses)
  else done(null, addresses[0].address, 4)
}
`

const LISTEN = { port: 0, host: '127.0.0.1' } as const

const TLS = 'https: { key: readFileSync(process.env.KEY), cert: readFileSync(process.env.CERTIFICATE) },'

const FASTIFY_OPTIONS: Readonly<Record<Exclude<ServerKind, 'node:http'>, string>> = {
  fastify: '',
  'fastify on localhost': '',
  'fastify, TLS': TLS,
  'fastify, HTTP/2': 'http2: true,',
  'fastify, HTTP/2 over TLS': `http2: true, ${TLS}`,
}

const COMMON = `import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { Counter, readEnvironment, startTelemetry, telemetryEnvironment } from ${source('../../src/index.ts')}
const require = createRequire(${source('../../package.json')})
const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }))
const telemetry = await startTelemetry({ service: { name: 'ends', version: '1.0.0' }, environment })
const handled = new Counter({ name: 'handled_total', help: 'Requests handled', registers: [telemetry.registry] })
const started = (port, scheme) => {
  telemetry.logger.info({ url: scheme + '://' + (process.env.SERVICE_HOST ?? '127.0.0.1') + ':' + port + '/' }, 'The service is at it.')
  telemetry.setReady()
}
`

/**
 * The program of a service with `GET /`, which takes some milliseconds, and (Fastify over HTTP/1.1) a WebSocket and
 * server-sent events.
 */
function programOf(kind: ServerKind): string {
  if (kind === 'node:http') {
    return `${COMMON}
import { createServer } from 'node:http'
import { httpTelemetry } from ${source('../../src/http/index.ts')}
const server = createServer(async (request, response) => {
  if (request.url === '/endless') return response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
  if (request.method === 'POST') return request.resume().once('end', () => response.end())
  handled.inc()
  await setTimeout(5)
  response.end('Hello World!')
})
httpTelemetry(server, { telemetry })
server.listen(${JSON.stringify(LISTEN)}, () => started(server.address().port, 'http'))`
  }
  const listen = kind === 'fastify on localhost' ? { port: 0, host: 'localhost' } : LISTEN
  return `${COMMON}${kind === 'fastify on localhost' ? TWO_ADDRESSES : ''}
import { fastifyTelemetry } from ${source('../../src/fastify/index.ts')}
const app = require('fastify')({ return503OnClosing: false, ${FASTIFY_OPTIONS[kind]} })
await app.register(fastifyTelemetry, { telemetry })
await app.register(require(${JSON.stringify(WEBSOCKET)}))
app.get('/', async () => {
  handled.inc()
  await setTimeout(5)
  return 'Hello World!'
})
app.register(async (scope) => {
  scope.get('/socket', { websocket: true }, (socket) => socket.on('message', (text) => socket.send(String(text))))
})
app.post('/upload', async () => 'read')
app.get('/endless', (request, reply) => {
  reply.hijack()
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
})
const streams = new Set()
app.get('/events', (request, reply) => {
  reply.hijack()
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
  streams.add(reply.raw)
  reply.raw.once('close', () => streams.delete(reply.raw))
})
app.addHook('preClose', async () => {
  for (const stream of streams) stream.end()
})
await app.listen(${JSON.stringify(listen)})
started(app.server.address().port, ${JSON.stringify(kind.endsWith('TLS') ? 'https' : 'http')})`
}

/** Writes the program of a service; returns its module. */
export function writeService(kind: ServerKind): string {
  const module = join(mkdtempSync(join(tmpdir(), 'telemetry-ends-')), 'service.mjs')
  writeFileSync(module, programOf(kind))
  return module
}
