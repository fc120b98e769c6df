import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FailedProjects } from './failed-projects.ts'

for (const [title, lines, expected] of [
  ['none failed', [' NX   Successfully ran target test for 2 projects'], []],
  [
    'two failed',
    ['- other:test', 'Failed tasks:', '', '- telemetry:test', '- loadtester:test', '', '  Run duration:  5m 21s'],
    ['telemetry', 'loadtester'],
  ],
  ['of other targets', ['Failed tasks:', '- telemetry:build', '- telemetry:test-policy', '- a b:test'], []],
] as const) {
  test(`failed projects: ${title}`, () => {
    const failed = new FailedProjects('test')
    for (const line of lines) failed.add(line)
    assert.deepEqual(failed.names, expected)
  })
}
