import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { scenarioRows } from './scenario-rows.ts'

const started = new Map([
  ['vusers.created_by_name.browse', 30],
  ['vusers.created_by_name.buy', 10],
  ['mine', 5],
])

describe('scenarioRows', () => {
  it('gives the share of each scenario of the users that run now', () => {
    assert.deepEqual(scenarioRows(started, new Map([['buy', 4]])), [
      { name: 'browse', started: 30, running: 0, ratio: 0 },
      { name: 'buy', started: 10, running: 4, ratio: 1 },
    ])
  })

  it('gives the share of all that have started if none run', () => {
    assert.deepEqual(
      scenarioRows(started, new Map()).map(({ ratio }) => ratio),
      [0.75, 0.25],
    )
  })
})
