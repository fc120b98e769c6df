import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jittered, parseThinkTime } from './think.ts'

const TIMES: readonly (readonly [value: unknown, ms: number | undefined])[] = [
  [2, 2000],
  ['2', 2000],
  [0.5, 500],
  ['500ms', 500],
  ['1.5s', 1500],
  ['2 minutes', 120_000],
  ['1h', 3_600_000],
  ['1 Day', 86_400_000],
  ['1w', 604_800_000],
  ['1y', 31_557_600_000],
  ['', undefined],
  ['a while', undefined],
  ['1 fortnight', undefined],
  [undefined, undefined],
]

for (const [value, ms] of TIMES) {
  test(`think: ${JSON.stringify(value)} is ${ms} ms`, () => assert.equal(parseThinkTime(value), ms))
}

const JITTERS: readonly (readonly [jitter: unknown, from: number, to: number])[] = [
  [undefined, 1000, 1000],
  ['20%', 800, 1200],
  [200, 800, 1200],
  ['200ms', 800, 1200],
  ['200%', 0, 3000],
  ['much', 1000, 1000],
]

for (const [jitter, from, to] of JITTERS) {
  test(`one second with jitter ${JSON.stringify(jitter)} is from ${from} to ${to} ms`, () => {
    const times = Array.from({ length: 500 }, () => jittered(1000, jitter))
    assert.ok(Math.min(...times) >= from && Math.max(...times) <= to, `${Math.min(...times)} to ${Math.max(...times)}`)
    if (from < to) assert.ok(Math.max(...times) - Math.min(...times) > (to - from) / 2)
  })
}
