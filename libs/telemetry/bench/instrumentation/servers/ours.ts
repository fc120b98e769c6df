// The wiring that libs/telemetry's README shows, with the same counters as the peer.
import { Counter, readEnvironment, startTelemetry, telemetryEnvironment } from '@node-to-cloud/telemetry'
import { fastifyTelemetry } from '@node-to-cloud/telemetry/fastify'
import Fastify from 'fastify'

const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }))
const telemetry = await startTelemetry({ service: { name: 'bench', version: '1.0.0' }, environment })
const app = Fastify()
await app.register(fastifyTelemetry, {
  telemetry,
  requestLog: process.env.LOGS === 'on',
  metrics: {
    durationName: 'http_request_duration_seconds',
    durationBuckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    requestsName: 'requests_total',
    exceptionsName: 'request_exceptions_total',
  },
})
let helloRequests = 0
new Counter({
  name: 'hello_requests_total',
  help: 'Hello requests',
  labelNames: ['app', 'environment'],
  registers: [telemetry.registry],
  collect() {
    this.reset()
    this.inc({ app: 'bench', environment: 'bench' }, helloRequests)
  },
})
app.get('/', (_request, reply) => {
  helloRequests++
  reply.send('Hello World!')
})
telemetry.shutdown.add('HTTP server', () => app.close())
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
telemetry.setReady()
