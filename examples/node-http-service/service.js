import { createServer } from 'node:http'
import {
  Counter,
  Histogram,
  readEnvironmentOrExit,
  startTelemetry,
  telemetryEnvironment,
} from '@node-to-cloud/telemetry'

const environment = readEnvironmentOrExit(telemetryEnvironment({ metricsPort: 9100 }))
const telemetry = await startTelemetry({ service: { name: 'shop', version: '1.0.0' }, environment })

const registers = [telemetry.registry]
const orders = new Counter({ name: 'shop_orders_total', help: 'Orders taken', labelNames: ['kind'], registers })
const durations = new Histogram({
  name: 'shop_request_duration_seconds',
  help: 'Time from request to answer',
  labelNames: ['status'],
  registers,
})

const server = createServer((request, response) => {
  const span = telemetry.tracer.startSpan(`${request.method} ${request.url}`)
  const measured = durations.startTimer()
  if (request.url === '/orders') orders.inc({ kind: 'book' })
  else response.statusCode = 404
  response.end()
  measured({ status: String(response.statusCode) })
  span.setAttribute('http.response.status_code', response.statusCode)
  span.end()
})
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => telemetry.setReady())

telemetry.shutdown.add('server', () => {
  server.close()
  server.closeIdleConnections()
})
