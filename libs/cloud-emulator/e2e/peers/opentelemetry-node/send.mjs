import { logs, metrics, SeverityNumber, trace } from '@opentelemetry/api'
import { NodeSDK } from '@opentelemetry/sdk-node'

const sdk = new NodeSDK()
sdk.start()

const span = trace.getTracer('peer').startSpan('peer-span')
metrics.getMeter('peer').createCounter('peer_orders').add(3, { shop: 'north' })
metrics.getMeter('peer').createHistogram('peer_duration', { unit: 's' }).record(0.2)
metrics.getMeter('peer').createGauge('peer_level').record(7)
logs.getLogger('peer').emit({ severityNumber: SeverityNumber.WARN, body: 'peer log line', attributes: { order: 17 } })
span.end()
process.stdout.write(`${span.spanContext().traceId}\n`)
await sdk.shutdown()
