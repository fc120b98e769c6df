import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEnvironment } from '@node-to-cloud/command-line'
import { tracingEnvironment } from '../../process/telemetry-environment.ts'
import { resolveTraceDestination } from '../destination.ts'
import { detectResource } from './resource.ts'

for (const [title, variables, expected] of [
  ['of GOOGLE_CLOUD_PROJECT, which Google requires of OTLP', { GOOGLE_CLOUD_PROJECT: 'shop' }, 'shop'],
  [
    'of OTEL_RESOURCE_ATTRIBUTES, which takes precedence',
    { GOOGLE_CLOUD_PROJECT: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'gcp.project_id=other' },
    'other',
  ],
  ['of none of them', {}, undefined],
] as const) {
  test(`a resource has the project ${title}`, async () => {
    const environment = readEnvironment(tracingEnvironment, { OTEL_TRACES_EXPORTER: 'otlp', ...variables })
    const resource = detectResource({ name: 'test', version: '1' }, environment, resolveTraceDestination(environment))
    await resource.waitForAsyncAttributes?.()
    assert.equal(resource.attributes['gcp.project_id'], expected)
  })
}
