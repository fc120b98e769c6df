import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readEnvironment, startTelemetry, telemetryEnvironment } from '@node-to-cloud/telemetry'
import { createRequestTracer } from './tracing.ts'

describe('createRequestTracer without an exporter', async () => {
  const environment = readEnvironment(telemetryEnvironment({ metricsPort: 0 }), {
    OTEL_TRACES_EXPORTER: 'none',
    LOG_LEVEL: 'fatal',
  })
  const { tracing } = await startTelemetry({ service: { name: 'test', version: '0' }, environment, role: 'worker' })

  for (const { sampler, argument, sampled } of [
    { sampler: 'parentbased_always_on', sampled: [1000, 1000] },
    { sampler: 'always_on', sampled: [1000, 1000] },
    { sampler: 'always_off', sampled: [0, 0] },
    { sampler: 'parentbased_always_off', sampled: [0, 0] },
    { sampler: 'parentbased_traceidratio', argument: 0.25, sampled: [150, 350] },
    { sampler: 'traceidratio', argument: 0, sampled: [0, 0] },
  ] as const) {
    it(`gives each request a traceparent of its own, sampled by ${sampler} ${argument ?? ''}`, () => {
      const trace = createRequestTracer(tracing, {
        ...environment,
        OTEL_TRACES_SAMPLER: sampler,
        OTEL_TRACES_SAMPLER_ARG: argument,
      })
      const made = Array.from(
        { length: 1000 },
        () => trace({ method: 'GET', name: '/', url: 'http://127.0.0.1/' }).traceparent ?? '',
      )
      for (const traceparent of made) assert.match(traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/)
      assert.equal(new Set(made).size, 1000)
      const count = made.filter((traceparent) => traceparent.endsWith('-01')).length
      assert.ok(count >= sampled[0] && count <= sampled[1], `${count} are sampled`)
    })
  }
})
