import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { combineConditions } from './combine-conditions.ts'
import { type ConditionRule, ConditionState, type SeriesState } from './condition-state.ts'
import type { Measurement } from './measurement.ts'

const STEP = 30e6
const RULE: ConditionRule = {
  violates: (value) => value > 1,
  durationMicros: 60e6,
  trigger: { count: 1 },
  missingData: 'noOp',
  graceMicros: 60e6,
  autoCloseMicros: 1800e6,
}

function measurement(key: string, value: number): Measurement {
  return { key, value, metricType: 't', metricLabels: { key }, resourceType: 'r', resourceLabels: {} }
}

/** The series that are met after each step; a step has the values of series `a`, `b` and so on, `-` for none. */
function run(rule: Partial<ConditionRule>, steps: readonly string[]): string[] {
  const state = new ConditionState({ ...RULE, ...rule })
  return steps.map((step, index) => {
    const series = step
      .split(' ')
      .flatMap((value, at) => (value === '-' ? [] : [measurement('abcdef'.charAt(at), Number(value))]))
    state.step({ series }, index * STEP)
    return [...state.met.keys()].join('')
  })
}

describe('a threshold', () => {
  const cases: [what: string, rule: Partial<ConditionRule>, steps: string[], met: string[]][] = [
    ['must be violated for the duration', {}, ['2', '2', '2', '2'], ['', '', 'a', 'a']],
    [
      'starts over at each value that does not violate it',
      {},
      ['2', '2', '1', '2', '2', '2'],
      ['', '', '', '', '', 'a'],
    ],
    ['is met at once without a duration', { durationMicros: 0 }, ['1', '2', '1'], ['', 'a', '']],
    ['is evaluated for each series', {}, ['2 0', '2 2', '2 2', '0 2'], ['', '', 'a', 'b']],
    ['is not met while data is missing', {}, ['2', '-', '-', '2'], ['', '', '', 'a']],
    [
      'stays met while data is missing',
      { durationMicros: 0 },
      ['2', '-', '-', '-', '-', '1'],
      ['a', 'a', 'a', 'a', 'a', ''],
    ],
    [
      'ends if missing data does not violate it',
      { durationMicros: 0, missingData: 'inactive' },
      ['2', '-', '-', '-', '-'],
      ['a', 'a', 'a', '', ''],
    ],
    [
      'is met if missing data violates it',
      { missingData: 'active' },
      ['0', '-', '-', '-', '-', '-', '-'],
      ['', '', '', '', '', 'a', 'a'],
    ],
    ['closes automatically', { durationMicros: 0, autoCloseMicros: 90e6 }, ['2', '-', '-', '-'], ['a', 'a', 'a', '']],
    [
      'can require a number of series',
      { durationMicros: 0, trigger: { count: 2 } },
      ['2 0', '2 2', '0 2'],
      ['', 'ab', ''],
    ],
    [
      'can require a percentage of series',
      { durationMicros: 0, trigger: { percent: 50 } },
      ['2 0 0', '2 2 0', '2 2 0 0'],
      ['', 'ab', 'ab'],
    ],
    [
      'starts over after a gap that is longer than the duration',
      {},
      ['2', '-', '-', '-', '-', '-', '2', '2', '2'],
      ['', '', '', '', '', '', '', '', 'a'],
    ],
  ]
  for (const [what, rule, steps, met] of cases) test(what, () => assert.deepEqual(run(rule, steps), met))
})

describe('absence', () => {
  const rule: Partial<ConditionRule> = { violates: undefined, durationMicros: 120e6 }
  const cases: [what: string, rule: Partial<ConditionRule>, steps: string[], met: string[]][] = [
    ['is met after the duration', rule, ['1', '-', '-', '-', '-', '1'], ['', '', '', '', 'a', '']],
    ['needs data first', rule, ['-', '-', '-', '-', '-', '-'], ['', '', '', '', '', '']],
    [
      'closes automatically, that long after it was met',
      { ...rule, autoCloseMicros: 60e6, durationMicros: 30e6 },
      ['1', '-', '-', '-', '-'],
      ['', 'a', 'a', '', ''],
    ],
  ]
  for (const [what, one, steps, met] of cases) test(what, () => assert.deepEqual(run(one, steps), met))
})

test('a condition tracks a limited number of series', () => {
  const state = new ConditionState(RULE)
  const series = Array.from({ length: 10_001 }, (_, index) => measurement(`${index}`, 1))
  assert.throws(() => state.step({ series }, 0), { code: 'ERR_TOO_MANY_SERIES' })
})

describe('combined conditions', () => {
  const met = (...hosts: string[]): ReadonlyMap<string, SeriesState> =>
    new Map(
      hosts.map((host) => [
        host,
        {
          identity: { metricType: 't', metricLabels: {}, resourceType: 'r', resourceLabels: { host } },
          value: 2,
          lastDataMicros: 0,
          sinceMicros: 0,
          met: true,
          metMicros: 0,
        },
      ]),
    )
  const keys = (all: readonly ReadonlyMap<string, SeriesState>[]): string[] =>
    all.map((one) => [...one.keys()].join(''))
  const cases = [
    ['OR', [met('a'), met()], ['a', '']],
    ['AND', [met('a'), met()], ['', '']],
    ['AND', [met('a'), met('b')], ['a', 'b']],
    ['AND_WITH_MATCHING_RESOURCE', [met('a'), met('b')], ['', '']],
    ['AND_WITH_MATCHING_RESOURCE', [met('a', 'b'), met('b', 'c')], ['b', 'b']],
  ] as const
  for (const [combiner, conditions, expected] of cases)
    test(`${combiner} of ${keys(conditions)}`, () =>
      assert.deepEqual(keys(combineConditions(combiner, conditions)), expected))
})
