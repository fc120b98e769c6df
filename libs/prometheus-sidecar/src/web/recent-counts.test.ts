import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecentCounts } from './recent-counts.ts'

test('reports how much counters increased in the last five minutes', () => {
  const counts = new Map([['stored', 0]])
  const recent = new RecentCounts(() => counts)
  for (let seconds = 0; seconds <= 600; seconds++) {
    counts.set('stored', seconds)
    recent.tick(seconds * 1000)
  }
  assert.equal(recent.describe('stored'), '300 in the last 5 minutes, 600 since the start')
  for (let seconds = 601; seconds <= 900; seconds++) recent.tick(seconds * 1000)
  assert.equal(recent.describe('stored'), '0 in the last 5 minutes, 600 since the start')
})

test('counts from 0 if a reason appeared within them', () => {
  const counts = new Map<string, number>()
  const recent = new RecentCounts(() => counts)
  recent.tick(0)
  counts.set('nan', 3)
  assert.equal(recent.describe('nan'), '3 in the last 5 minutes, 3 since the start')
  assert.equal(recent.describe('refused'), '0 in the last 5 minutes, 0 since the start')
})
