import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { locustStats, locustTasks } from './locust-stats.ts'

describe("Locust's statistics", () => {
  it('are empty before there is a run', () => {
    const { stats, errors, state, total_fail_per_sec } = locustStats(undefined)
    assert.deepEqual([stats, errors, state, total_fail_per_sec], [[], [], 'ready', 0])
    assert.deepEqual(locustTasks(undefined), { per_class: {}, total: {} })
  })
})
