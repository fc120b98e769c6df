import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'
import { startSteadyLoad } from '@node-to-cloud/telemetry/testing/load'
import { makeSelfSigned } from '../../test/testing/self-signed.ts'
import { type Companion, companions } from './companions.ts'
import { startHttp2Load } from './http2-load.ts'
import { LOCALHOST_ADDRESSES, type ServerKind, writeService } from './service.ts'

const RATE_PER_SECOND = 500

const certificate = makeSelfSigned('localhost')
const ca = certificate && readFileSync(certificate.certificateFile)

interface Load {
  stop(): Promise<{ readonly sent: number; readonly answered: number; readonly failures: readonly string[] }>
}

/** The URLs of the service at each address that it listens on. */
function urlsOf(kind: ServerKind, url: string): URL[] {
  const hosts = kind === 'fastify on localhost' ? LOCALHOST_ADDRESSES : [new URL(url).hostname]
  return hosts.map((hostname) => Object.assign(new URL(url), { hostname }))
}

function startLoad(kind: ServerKind, urls: readonly URL[]): Load {
  const ofTls = kind.endsWith('TLS') ? ca : undefined
  if (kind.includes('HTTP/2')) return startHttp2Load(String(urls[0]), RATE_PER_SECOND, ofTls)
  const loads = urls.map((url) =>
    startSteadyLoad(String(url), RATE_PER_SECOND / urls.length, ofTls ? { ca: ofTls } : {}),
  )
  return {
    async stop() {
      const results = await Promise.all(loads.map((load) => load.stop()))
      return {
        sent: results.reduce((sum, { sent }) => sum + sent, 0),
        answered: results.reduce((sum, { answered }) => sum + answered, 0),
        failures: results.flatMap(({ failed }) => failed.map(({ failure = '' }) => failure)),
      }
    },
  }
}

/** Shuts a service down under load, and checks that no request failed whose client had been connected. */
async function endUnderLoad(kind: ServerKind, signal: NodeJS.Signals, beside: readonly Companion[]): Promise<void> {
  await using service = new ServiceProcess({
    module: writeService(kind),
    env: {
      LOG_LEVEL: 'info',
      ...(kind === 'fastify on localhost' && { SERVICE_HOST: 'localhost' }),
      ...(certificate && { KEY: certificate.keyFile, CERTIFICATE: certificate.certificateFile }),
    },
  })
  await service.untilReady()
  const urls = urlsOf(kind, await service.serviceUrl())
  const load = startLoad(kind, urls)
  try {
    await service.until(
      'the load is there',
      async () => (readSeries(await service.scrape(), 'handled_total') ?? 0) >= RATE_PER_SECOND / 2,
    )
    for (const open of beside) for (const url of urls) await open(url)
    service.kill(signal)
    // At its deadline the exit code would be 1.
    assert.deepEqual(await service.exit, { code: 0, signal: null })
  } finally {
    await load.stop()
  }
  const { sent, answered, failures } = await load.stop()
  assert.deepEqual(
    failures.filter((failure) => failure !== 'ECONNREFUSED'),
    [],
    'refused clients go elsewhere; nothing else may fail',
  )
  assert.equal(answered, sent - failures.length)
  // The response to a companion has a line too.
  const lines = service.log.filter(({ message }) => message === 'GET / 200').length
  assert.ok(lines >= answered, `${lines} lines for ${answered} answers`)
}

const ofFastify = [
  'a connection that has sent nothing',
  'half a head',
  'half a body',
  'a kept connection that has had a request',
  'pipelined requests',
  'a WebSocket',
  'server-sent events',
  'events that nobody ends',
  'half an upgrade',
] as const

const ENDS: readonly { kind: ServerKind; signal?: NodeJS.Signals; beside?: readonly (keyof typeof companions)[] }[] = [
  { kind: 'fastify' },
  { kind: 'fastify', signal: 'SIGINT' },
  ...ofFastify.map((companion) => ({ kind: 'fastify' as const, beside: [companion] })),
  { kind: 'fastify', beside: ofFastify },
  { kind: 'fastify on localhost' },
  { kind: 'fastify on localhost', beside: ofFastify },
  { kind: 'fastify, TLS', beside: ['a connection that has sent nothing', 'half a head'] },
  { kind: 'fastify, HTTP/2', beside: ['an idle HTTP/2 session', 'half a body by HTTP/2'] },
  { kind: 'fastify, HTTP/2', beside: ['a connection that has sent nothing'] },
  { kind: 'fastify, HTTP/2 over TLS' },
  { kind: 'fastify, HTTP/2 over TLS', beside: ['a connection that has sent nothing', 'half a head'] },
  { kind: 'node:http' },
  {
    kind: 'node:http',
    beside: [
      ...(['a connection that has sent nothing', 'half a head', 'half a body', 'pipelined requests'] as const),
      'events that nobody ends',
    ],
  },
]

for (const { kind, signal = 'SIGTERM', beside = [] } of ENDS) {
  const skip = kind.endsWith('TLS') && certificate === undefined && 'needs openssl'
  const with_ =
    beside.length === 0 ? '' : ` beside ${beside.length === ofFastify.length ? 'all of these' : beside.join(', ')}`
  test(`${kind}: ${signal} under ${RATE_PER_SECOND} requests a second${with_} fails no request`, { skip }, () =>
    endUnderLoad(
      kind,
      signal,
      beside.map((name) => companions[name]),
    ),
  )
}
