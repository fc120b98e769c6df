/** A service that answers orders at once, except `GET /orders/slow`. It prints its address, and exits on SIGTERM. */
import { setTimeout as sleep } from 'node:timers/promises'
import { readEnvironmentOrExit, startTelemetry, telemetryEnvironment } from '@node-to-cloud/telemetry'
import { fastifyTelemetry } from '@node-to-cloud/telemetry/fastify'
import Fastify from 'fastify'

const environment = readEnvironmentOrExit(telemetryEnvironment({ metricsPort: 0 }))
const telemetry = await startTelemetry({ service: { name: 'shop', version: '1.0.0' }, environment })
const app = Fastify({ return503OnClosing: false })
await app.register(fastifyTelemetry, { telemetry })
app.get<{ Params: { id: string } }>('/orders/:id', async ({ params: { id } }) => {
  if (id === 'slow') {
    telemetry.logger.warn({ attempt: 1 }, 'The stock room does not answer, asking again.')
    await sleep(800)
    telemetry.logger.info({ attempt: 2 }, 'The stock room has answered.')
  }
  return `order ${id}\n`
})
const address = await app.listen({ port: 0, host: '127.0.0.1' })
telemetry.setReady()
process.stdout.write(`${address}\n`)
