import { Histogram, readEnvironmentOrExit, startTelemetry, telemetryEnvironment } from '@node-to-cloud/telemetry'
import { context, propagation, SpanKind, trace } from '@opentelemetry/api'
import express from 'express'

const environment = readEnvironmentOrExit(telemetryEnvironment({ metricsPort: 9100 }))
const telemetry = await startTelemetry({ service: { name: 'shop', version: '1.0.0' }, environment })

const app = express()
app.use(observed(telemetry))

// From here on it is the service as it was.
app.get('/orders/:id', (request, response) => {
  response.json({ id: request.params.id })
})
app.get('/broken', () => {
  throw new Error('The shelf has fallen down.')
})

const server = app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => telemetry.setReady())
telemetry.shutdown.add('server', () => {
  server.close()
  server.closeIdleConnections()
})

/** A middleware: a duration, a span and a log line for each request. Its route is known once it has been answered. */
function observed({ registry, tracer, logger }) {
  const durations = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time from request to answer',
    labelNames: ['method', 'path', 'status'],
    registers: [registry],
  })
  return (request, response, next) => {
    const parent = propagation.extract(context.active(), request.headers)
    const span = tracer.startSpan(request.method, { kind: SpanKind.SERVER }, parent)
    const measured = durations.startTimer()
    response.once('close', () => {
      const path = request.route?.path ?? 'unmatched'
      const status = response.writableFinished ? response.statusCode : 499
      measured({ method: request.method, path, status: String(status) })
      span.updateName(`${request.method} ${path}`)
      span.setAttributes({ 'http.route': path, 'http.response.status_code': status })
      span.end()
      logger.info({ method: request.method, path, status }, `${request.method} ${path} ${status}`)
    })
    context.with(trace.setSpan(parent, span), next)
  }
}
