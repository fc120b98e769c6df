import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DropReason } from '../convert/drop-reason.ts'
import { readiness } from './readiness.ts'

function reasons(storedPoints: number, dropped: readonly DropReason[]): string[] {
  return readiness({
    closing: false,
    writer: { health: { lastSuccessMs: Number.NaN, failing: undefined } },
    commits: { failure: undefined },
    metrics: { storedPoints, dropped: new Map(dropped.map((reason) => [reason, 1])) },
    sourceProblems: [],
  })
}

test('is not ready while no target has a monitored resource, and says what is missing', () => {
  assert.deepEqual(reasons(0, []), [])
  assert.match(reasons(0, ['unknown_resource'])[0] ?? '', /set --stackdriver\.generic\.location and /)
  assert.deepEqual(reasons(1, ['unknown_resource']), [])
})

test('is not ready while Cloud Monitoring has refused every point', () => {
  assert.match(reasons(0, ['refused'])[0] ?? '', /has refused every point/)
  assert.deepEqual(reasons(1, ['refused']), [])
})
