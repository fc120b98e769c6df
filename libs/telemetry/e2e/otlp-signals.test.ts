import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ServiceProcess } from '@node-to-cloud/telemetry/testing'
import { Emulator } from './emulator.ts'

const module = fileURLToPath(new URL('../../../apps/flask-app/src/main.ts', import.meta.url))
let emulator: Emulator
before(async () => {
  emulator = await Emulator.start()
})
after(() => emulator[Symbol.asyncDispose]())

const METRICS = {
  OTEL_METRICS_EXPORTER: 'prometheus,otlp',
  OTEL_METRIC_EXPORT_INTERVAL: '300',
  OTEL_RESOURCE_ATTRIBUTES: 'location=us-central1',
}

for (const [protocol, aggregation] of [
  ['http/protobuf', 'explicit_bucket_histogram'],
  ['http/json', 'explicit_bucket_histogram'],
  ['http/protobuf', 'base2_exponential_bucket_histogram'],
  ['http/json', 'base2_exponential_bucket_histogram'],
] as const) {
  test(`metrics of all workers reach Cloud Monitoring by OTLP in ${protocol} as ${aggregation}, whatever happens to a worker`, async () => {
    const service = `${protocol.replace('/', '-')}-${aggregation}`
    await using flask = new ServiceProcess({
      module,
      env: {
        ...emulator.environments.otlp,
        ...METRICS,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: aggregation,
        OTEL_SERVICE_NAME: service,
        OTEL_TRACES_EXPORTER: 'none',
      },
    })
    await flask.untilReady()
    const url = await flask.serviceUrl()
    const total = async () => {
      const points = await emulator.readPoints('flask_http_request_total/counter', {
        prefix: 'prometheus.googleapis.com',
        job: service,
      })
      return points.at(-1)?.value.doubleValue
    }
    for (let index = 0; index < 20; index++) await (await fetch(url)).text()
    await flask.until('20 requests are counted', async () => (await total()) === 20)
    process.kill(flask.children[0] ?? assert.fail(), 'SIGKILL')
    await flask.untilLog(/^A worker died by signal SIGKILL/)
    await (await fetch(url)).text()
    await flask.until('so is the next one', async () => (await total()) === 21)
    const histogram = await emulator.readPoints('flask_http_request_duration_seconds/histogram', {
      prefix: 'prometheus.googleapis.com',
      job: service,
    })
    const distribution = histogram.at(-1)?.value.distributionValue
    assert.ok(Number(distribution?.count) >= 20)
    const isExponential = distribution?.bucketOptions?.exponentialBuckets !== undefined
    assert.equal(isExponential, aggregation === 'base2_exponential_bucket_histogram')
    flask.kill('SIGTERM')
    assert.deepEqual(await flask.exit, { code: 0, signal: null })
  })
}

test('log lines reach Cloud Logging by OTLP, linked to their trace', async () => {
  const traceId = '5b8aa5a2d2c872e8321cf37308d69df2'
  await using flask = new ServiceProcess({
    module,
    env: {
      ...emulator.environments.otlp,
      OTEL_LOGS_EXPORTER: 'console,otlp',
      OTEL_BLRP_SCHEDULE_DELAY: '50',
      OTEL_SERVICE_NAME: 'logging-flask',
    },
  })
  await flask.untilReady()
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
  await (await fetch(await flask.serviceUrl(), { headers })).text()
  const entries = await flask.until('both lines of the request are stored', async () => {
    const found = await emulator.readEntries(`trace:"${traceId}"`)
    return found.length >= 2 && found
  })
  assert.deepEqual(entries.map(({ severity, textPayload }) => `${severity} ${textPayload}`).sort(), [
    'INFO GET / 200',
    'INFO Received hello request !',
  ])
  flask.kill('SIGTERM')
  assert.deepEqual(await flask.exit, { code: 0, signal: null })
})
