import { readEnvironmentOrExit, startTelemetry, telemetryEnvironment } from '@node-to-cloud/telemetry'
import { fastifyTelemetry } from '@node-to-cloud/telemetry/fastify'
import Fastify from 'fastify'

const environment = readEnvironmentOrExit(telemetryEnvironment({ metricsPort: 9100 }))
const telemetry = await startTelemetry({ service: { name: 'hello', version: '1.0.0' }, environment })
const app = Fastify({ return503OnClosing: false })
await app.register(fastifyTelemetry, { telemetry })
app.get('/', async () => 'Hello World!')
await app.listen({ port: Number(process.env.PORT ?? 8080) })
telemetry.setReady()
