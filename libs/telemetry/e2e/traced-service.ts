import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = (path: string) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)))

/** Writes the program of a Fastify service with `GET /items/:id`; NAME is its name. */
export function writeTracedService(): string {
  const module = join(mkdtempSync(join(tmpdir(), 'telemetry-traced-service-')), 'service.mjs')
  writeFileSync(
    module,
    `import { createRequire } from 'node:module'
     import { readEnvironment, startTelemetry, telemetryEnvironment } from ${source('../src/index.ts')}
     import { fastifyTelemetry } from ${source('../src/fastify/index.ts')}
     const { default: Fastify } = await import(createRequire(${source('../package.json')}).resolve('fastify'))
     const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }))
     const telemetry = await startTelemetry({ service: { name: process.env.NAME, version: '1.2.3' }, environment })
     const app = Fastify({ return503OnClosing: false })
     await app.register(fastifyTelemetry, { telemetry })
     app.get('/items/:id', async () => 'item')
     await app.listen({ port: 0, host: '127.0.0.1' })
     telemetry.logger.info({ url: 'http://127.0.0.1:' + app.server.address().port + '/' }, 'The service is at it.')
     telemetry.setReady()`,
  )
  return module
}
