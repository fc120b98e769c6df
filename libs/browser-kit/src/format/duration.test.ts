import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatDuration, parseDuration } from './duration.ts'

describe('how long something lasted', () => {
  for (const [seconds, text] of [
    [0, '0 s'],
    [42.9, '42 s'],
    [185, '3 min 05 s'],
    [3720, '1 h 02 min'],
    [273_600, '3 d 04 h'],
  ] as const) {
    it(text, () => assert.equal(formatDuration(seconds), text))
  }
})

describe('a typed duration', () => {
  for (const [text, seconds] of [
    ['90', 90],
    ['90s', 90],
    [' 1.5 s ', 1.5],
    ['5m', 300],
    ['5 min', 300],
    ['1h30m', 5400],
    ['2d', 172_800],
    ['', undefined],
    ['0', undefined],
    ['-1', undefined],
    ['1,5', undefined],
    ['5 minutes', undefined],
    ['fast', undefined],
  ] as const) {
    it(`${JSON.stringify(text)} is ${seconds}`, () => assert.equal(parseDuration(text), seconds))
  }
})
