import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ServiceProcess } from '@node-to-cloud/telemetry/testing'
import { makeSelfSigned } from '../test/testing/self-signed.ts'

const index = fileURLToPath(new URL('../src/index.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'telemetry-google-'))
const HOST = 'telemetry.googleapis.com'

/** The data that GKE's metadata server has for a pod. */
const METADATA: Readonly<Record<string, string>> = {
  '/computeMetadata/v1/instance': 'hostname',
  '/computeMetadata/v1/project/project-id': 'project-of-the-metadata',
  '/computeMetadata/v1/universe/universe-domain': 'googleapis.com',
  '/computeMetadata/v1/instance/id': '4520031799277581759',
  '/computeMetadata/v1/instance/attributes/cluster-name': 'cluster-of-the-metadata',
  '/computeMetadata/v1/instance/attributes/cluster-location': 'europe-west6-a',
}

/** A service that sends one span on each SIGUSR2, and logs each attempt. */
const module = join(folder, 'service.mjs')
writeFileSync(
  module,
  `import { readEnvironment, startTelemetry, telemetryEnvironment } from ${JSON.stringify(index)}
   const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }))
   const telemetry = await startTelemetry({ service: { name: 'test', version: '1.2.3' }, environment })
   let number = 0
   process.on('SIGUSR2', async () => {
     telemetry.tracer.startSpan('test').end()
     await telemetry.tracing.flush()
     const { counts, lastError } = telemetry.tracing
     telemetry.logger.info({ counts, lastError }, 'Flushed ' + ++number + '.')
   })
   telemetry.logger.info('Ready for signals.')`,
)

async function listen<T extends Server | TlsServer>(server: T): Promise<{ server: T; port: number }> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

function close(server: Server | TlsServer): void {
  server.closeAllConnections()
  server.close()
}

/** Responds like Google's metadata server; the first token is about to expire, all others are valid for an hour. */
function createMetadataHandler(): (request: IncomingMessage, response: ServerResponse) => void {
  let tokens = 0
  return (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0]?.replace(/\/$/, '') ?? ''
    const isToken = path.endsWith('/service-accounts/default/token')
    const value = METADATA[path]
    response.setHeader('Metadata-Flavor', 'Google')
    response.statusCode = isToken || value !== undefined ? 200 : 404
    if (!isToken) return response.end(value)
    tokens++
    response.setHeader('Content-Type', 'application/json')
    // Four minutes: still valid, but due for renewal.
    const token = { access_token: `secret-${tokens}`, expires_in: tokens === 1 ? 240 : 3600, token_type: 'Bearer' }
    return response.end(JSON.stringify(token))
  }
}

async function untilFlushed(service: ServiceProcess, number: number): Promise<void> {
  service.kill('SIGUSR2')
  await service.untilLog(new RegExp(`^Flushed ${number}\\.$`))
}

test('each OTLP export to Google has a token that is renewed before it expires and is never logged, and the attributes from the metadata server', async (context) => {
  const selfSigned = makeSelfSigned(HOST)
  if (selfSigned === undefined) return context.skip('openssl is not installed')
  const { keyFile, certificateFile } = selfSigned
  // Google's name resolves to this machine; everything else, including its certificate, is as with Google.
  const preload = join(folder, 'lookup.mjs')
  writeFileSync(
    preload,
    `import dns from 'node:dns'
     const { lookup } = dns
     dns.lookup = (host, options, callback) => lookup(host === '${HOST}' ? 'localhost' : host, { ...options, family: 4 }, callback)`,
  )
  const exports: { readonly headers: IncomingMessage['headers']; readonly body: string }[] = []
  let status = 200
  const collector = await listen(
    createTlsServer({ key: readFileSync(keyFile), cert: readFileSync(certificateFile) }, async (request, response) => {
      exports.push({ headers: request.headers, body: (await buffer(request)).toString('latin1') })
      response.statusCode = status
      // A server may repeat in its response what it was sent.
      response.end(status === 200 ? undefined : `not allowed: ${request.headers.authorization}`)
    }),
  )
  const metadata = await listen(createServer(createMetadataHandler()))
  try {
    await using service = new ServiceProcess({
      module,
      nodeArgs: [`--import=${preload}`],
      env: {
        LOG_LEVEL: 'trace',
        NODE_EXTRA_CA_CERTS: certificateFile,
        GCE_METADATA_HOST: `127.0.0.1:${metadata.port}`,
        KUBERNETES_SERVICE_HOST: '10.0.0.1',
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: `https://${HOST}:${collector.port}`,
        GOOGLE_CLOUD_PROJECT: 'project-that-pays',
      },
    })
    await service.untilLog(/^Ready for signals/)
    for (let number = 1; number <= 3; number++) await untilFlushed(service, number)
    assert.deepEqual(
      exports.map(({ headers }) => headers.authorization),
      ['Bearer secret-1', 'Bearer secret-2', 'Bearer secret-2'],
      'the first token is renewed although it is valid for four more minutes; the second one is kept',
    )
    for (const { headers, body } of exports) {
      assert.equal(headers['x-goog-user-project'], 'project-that-pays')
      for (const attribute of [
        'cloud.provider',
        'cloud.account.id',
        'project-of-the-metadata',
        'cloud.platform',
        'gcp_kubernetes_engine',
        'k8s.cluster.name',
        'cluster-of-the-metadata',
        'cloud.availability_zone',
        'europe-west6-a',
        'host.id',
        '4520031799277581759',
      ])
        assert.ok(body.includes(attribute), attribute)
    }
    status = 403
    await untilFlushed(service, 4)
    assert.equal(exports.length, 4)
    service.kill('SIGTERM')
    assert.deepEqual(await service.exit, { code: 0, signal: null })
    assert.match(service.stdout, /"export_failed":1/)
    assert.doesNotMatch(service.stdout + service.stderr, /secret-/)
  } finally {
    close(collector.server)
    close(metadata.server)
  }
})

test('if no token is available, spans are lost and counted, and the service continues', async () => {
  const metadata = await listen(
    createServer((_request, response) => {
      response.statusCode = 404
      response.setHeader('Metadata-Flavor', 'Google')
      response.end()
    }),
  )
  try {
    await using service = new ServiceProcess({
      module,
      env: {
        GCE_METADATA_HOST: `127.0.0.1:${metadata.port}`,
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: `https://${HOST}:1`,
      },
    })
    await service.untilLog(/^Ready for signals/)
    await untilFlushed(service, 1)
    const counts = (await service.untilLog(/^Flushed 1/)).counts
    assert.deepEqual(counts, {
      exported: 0,
      dropped: { queue_full: 0, export_failed: 1, export_stuck: 0, rejected: 0, shutdown: 0 },
    })
    service.kill('SIGTERM')
    assert.deepEqual(await service.exit, { code: 0, signal: null })
  } finally {
    close(metadata.server)
  }
})

test("a custom collector gets Google Cloud's attributes too, but no token", async () => {
  const exports: { readonly authorization: string | undefined; readonly body: string }[] = []
  const collector = await listen(
    createServer(async (request, response) => {
      exports.push({
        authorization: request.headers.authorization,
        body: (await buffer(request)).toString('latin1'),
      })
      response.end()
    }),
  )
  const metadata = await listen(createServer(createMetadataHandler()))
  try {
    await using service = new ServiceProcess({
      module,
      env: {
        GCE_METADATA_HOST: `127.0.0.1:${metadata.port}`,
        KUBERNETES_SERVICE_HOST: '10.0.0.1',
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}`,
      },
    })
    await service.untilLog(/^Ready for signals/)
    await untilFlushed(service, 1)
    assert.equal(exports.length, 1)
    assert.equal(exports[0]?.authorization, undefined)
    for (const attribute of ['gcp_kubernetes_engine', 'cluster-of-the-metadata', 'project-of-the-metadata'])
      assert.ok(exports[0]?.body.includes(attribute), attribute)
  } finally {
    close(collector.server)
    close(metadata.server)
  }
})
