import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEnvironment } from '@node-to-cloud/command-line'
import { telemetryEnvironment } from './telemetry-environment.ts'

const spec = telemetryEnvironment({ metricsPort: 9101 })

test('by default a service listens on this machine only, and exits within 25 of the 30 s that Kubernetes grants', () => {
  const { HOST, METRICS_PORT, SHUTDOWN_TIMEOUT_SECONDS, OTEL_TRACES_SAMPLER, LOG_LEVEL } = readEnvironment(spec, {})
  assert.deepEqual(
    { HOST, METRICS_PORT, SHUTDOWN_TIMEOUT_SECONDS, OTEL_TRACES_SAMPLER, LOG_LEVEL },
    {
      HOST: '127.0.0.1',
      METRICS_PORT: 9101,
      SHUTDOWN_TIMEOUT_SECONDS: 25,
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      LOG_LEVEL: 'info',
    },
  )
})

test('the deadline can be set, within limits', () => {
  assert.equal(readEnvironment(spec, { SHUTDOWN_TIMEOUT_SECONDS: '2.5' }).SHUTDOWN_TIMEOUT_SECONDS, 2.5)
  assert.throws(() => readEnvironment(spec, { SHUTDOWN_TIMEOUT_SECONDS: '0' }), /must be a number from 0\.1 to 3600/)
})

for (const signal of ['', '_TRACES', '_METRICS', '_LOGS'])
  for (const headers of ['a name=1', 'a=%0D%0Ab', 'a=%E2%82%AC', 'ok=1,b:=2'])
    test(`OTEL_EXPORTER_OTLP${signal}_HEADERS=${headers} is rejected, since HTTP can't send it`, () => {
      assert.throws(
        () => readEnvironment(spec, { [`OTEL_EXPORTER_OTLP${signal}_HEADERS`]: headers }),
        /_HEADERS=\(hidden\) can't be used; it must be .*that HTTP can send/,
      )
    })

test('credentials in the headers of a collector are never printed', () => {
  assert.throws(
    () => readEnvironment(spec, { OTEL_EXPORTER_OTLP_HEADERS: 'authorization' }),
    /OTEL_EXPORTER_OTLP_HEADERS=\(hidden\) can't be used/,
  )
})
