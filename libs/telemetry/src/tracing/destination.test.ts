import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEnvironment } from '@node-to-cloud/command-line'
import { tracingEnvironment } from '../process/telemetry-environment.ts'
import { findGoogleCredentials, resolveTraceDestination } from './destination.ts'

const FOUND = 'the credentials of a test'
const cases: readonly (readonly [
  env: Record<string, string>,
  credentials: string | undefined,
  exporter: string,
  description: RegExp,
])[] = [
  [{}, undefined, 'none', /^Traces go nowhere: no Google credentials were found; set OTEL_TRACES_EXPORTER/],
  [
    {},
    FOUND,
    'google_cloud_trace',
    /^Traces go to Cloud Trace at cloudtrace\.googleapis\.com:443, with the credentials of a test\. Google has deprecated its exporter; OTEL_TRACES_EXPORTER=otlp with .+ is recommended\.$/,
  ],
  [{ OTEL_TRACES_EXPORTER: 'none' }, FOUND, 'none', /^Traces go nowhere: OTEL_TRACES_EXPORTER is none\.$/],
  [{ OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'otlp' }, FOUND, 'none', /OTEL_SDK_DISABLED/],
  [{ OTEL_TRACES_EXPORTER: 'console' }, undefined, 'console', /standard output/],
  [{ OTEL_TRACES_EXPORTER: 'otlp' }, undefined, 'otlp', /http:\/\/localhost:4318\/v1\/traces by OTLP/],
  [
    { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:secret@c:1/base/' },
    undefined,
    'otlp',
    /^Traces go to http:\/\/c:1\/base\/v1\/traces by OTLP\.$/,
  ],
  [
    { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:1/exactly' },
    undefined,
    'otlp',
    /http:\/\/c:1\/exactly by/,
  ],
  [{ OTEL_TRACES_EXPORTER: 'google_cloud_trace' }, undefined, 'none', /but no Google credentials were found/],
  [
    { OTEL_TRACES_EXPORTER: 'google_cloud_trace', CLOUD_TRACE_ENDPOINT: '127.0.0.1:8087' },
    FOUND,
    'google_cloud_trace',
    /Cloud Trace at 127\.0\.0\.1:8087/,
  ],
]

for (const [env, credentials, exporter, description] of cases) {
  test(`${JSON.stringify(env)} with ${credentials ?? 'no credentials'}: ${exporter}`, () => {
    const destination = resolveTraceDestination(readEnvironment(tracingEnvironment, env), () => credentials)
    assert.equal(destination.exporter, exporter)
    assert.match(destination.description, description)
  })
}

test("only Google's own OTLP endpoint gets Google's tokens", () => {
  const googleAuth = (endpoint: string) => {
    const env = { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }
    const destination = resolveTraceDestination(readEnvironment(tracingEnvironment, env))
    return destination.exporter === 'otlp' && destination.googleAuth
  }
  assert.equal(googleAuth('https://telemetry.googleapis.com'), true)
  assert.equal(googleAuth('http://telemetry.googleapis.com'), false, 'not in plain text')
  assert.equal(googleAuth('https://telemetry.googleapis.com.evil.example'), false)
  assert.equal(googleAuth('http://localhost:4318'), false)
})

for (const OTEL_TRACES_EXPORTER of ['', 'google_cloud_trace'])
  test(`the sentence names a credentials file that can't be read, with the exporter "${OTEL_TRACES_EXPORTER}"`, () => {
    const env = { OTEL_TRACES_EXPORTER, GOOGLE_APPLICATION_CREDENTIALS: '/nonexistent.json' }
    const { exporter, description } = resolveTraceDestination(readEnvironment(tracingEnvironment, env))
    assert.equal(exporter, 'none')
    assert.match(description, /the file of GOOGLE_APPLICATION_CREDENTIALS, \/nonexistent\.json, can't be read\.$/)
  })

test('a missing credentials file counts as no credentials', () => {
  assert.equal(findGoogleCredentials('/nonexistent.json'), undefined)
  assert.equal(findGoogleCredentials(import.meta.filename), `the credentials of ${import.meta.filename}`)
})
