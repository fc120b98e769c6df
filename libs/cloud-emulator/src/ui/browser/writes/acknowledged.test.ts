import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { Summary } from '../../../contract/summary.ts'
import { acknowledgeRefusals, countRejected, countUnacknowledged } from './acknowledged.ts'

const stored = new Map<string, string>()
let isFull = false
/** As a browser tab has it. */
const storage = {
  getItem: (key: string): string | null => stored.get(key) ?? null,
  setItem(key: string, value: string): void {
    if (isFull) throw new DOMException('QuotaExceededError')
    stored.set(key, value)
  },
}
Object.defineProperty(globalThis, 'sessionStorage', { value: storage, configurable: true })

const summary = (changes: Partial<Summary>): Summary =>
  ({ startedMs: 1, project: 'p', pointsRefused: 3, spansRefused: 2, entriesRefused: 1, ...changes }) as Summary

describe('rejections that have not been acknowledged', () => {
  beforeEach(() => {
    stored.clear()
    isFull = false
  })

  test('are all of them at first', () =>
    assert.deepEqual([countRejected(summary({})), countUnacknowledged(summary({}))], [6, 6]))

  const cases: [what: string, changes: Partial<Summary>, unseen: number][] = [
    ['none afterwards', {}, 0],
    ['new ones', { pointsRefused: 13 }, 10],
    ['those of another project', { project: 'q' }, 6],
    ['those since a restart', { startedMs: 2 }, 6],
    ['fewer than before, after a reset', { pointsRefused: 0, spansRefused: 0 }, 1],
  ]
  for (const [what, changes, unseen] of cases)
    test(what, () => {
      acknowledgeRefusals(summary({}))
      assert.equal(countUnacknowledged(summary(changes)), unseen)
    })

  for (const broken of ['{', 'null', '1', '{"startedMs":"1","project":"p","count":6}'])
    test(`stored data is ignored if it is ${broken}`, () => {
      stored.set('acknowledged-refusals', broken)
      assert.equal(countUnacknowledged(summary({})), 6)
    })

  test('without storage they remain', () => {
    isFull = true
    acknowledgeRefusals(summary({}))
    assert.equal(countUnacknowledged(summary({})), 6)
  })
})
