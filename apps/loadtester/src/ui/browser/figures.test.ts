import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import { quantilesOf, seriesRow, shownRun, timelinePoint } from '../../../test/testing/shown-run.ts'
import { figuresView } from './figures.ts'

const show = (changes: Parameters<typeof shownRun>[0]): string => textOf(figuresView(shownRun(changes)))

describe('the figures of a live run', () => {
  const live = { endedMs: undefined, currentLatencyMs: quantilesOf(4), latencyMs: quantilesOf(9) }
  it('name the window of their quantiles, which is not that of the totals', () =>
    assert.match(show(live), /^Per second 0 last 5 s .* p50 4 ms last 5 s p95 4 ms last 5 s p99 4 ms last 5 s/))
  it('have no quantiles when nothing answered lately', () =>
    assert.match(show({ ...live, currentLatencyMs: quantilesOf(0, 0) }), /p50 – last 5 s/))
  it('have the target of their model', () => {
    assert.match(show({ ...live, model: 'open', level: 2.5 }), /Target rate 2\.5 per second/)
    assert.match(show({ ...live, model: 'closed', level: 20 }), /Target users 20/)
  })
  it('have the users of the last second', () =>
    assert.match(
      show({ ...live, timeline: [timelinePoint(1, { users: 7 }), timelinePoint(2, { users: 1200 })] }),
      /Users 1,200/,
    ))
})

describe('the figures of a run that is over', () => {
  const over = { endedMs: 9000, latencyMs: quantilesOf(9), arrivals: 50, achievedRate: 5 }
  it('are those of the whole run', () =>
    assert.match(show(over), /p50 9 ms p95 9 ms p99 9 ms Arrivals 50 Arrival rate 5/))
  for (const [requests, failures, text] of [
    [0, 0, 'Failed 0 % 0'],
    [1_000_000, 1, 'Failed < 0.01 % 1'],
    [1_000_000, 999_999, 'Failed > 99.9 % 999,999'],
  ] as const)
    it(`${failures} of ${requests} failed`, () => assert.match(show({ ...over, requests, failures }), new RegExp(text)))
  it('are alarming if something failed', () => {
    const markup = (failures: number): boolean =>
      markupOf(figuresView(shownRun({ ...over, requests: 10, failures }))).includes('alarm')
    assert.deepEqual([markup(0), markup(1)], [false, true])
  })
  it('have a rate for the whole run', () =>
    assert.match(show({ ...over, total: seriesRow({ rate: 12.34, currentRate: 0 }) }), /Per second 12\.3/))
})

describe('warnings', () => {
  const users = { completed: 1, failed: 3, failedByRequest: 1, cut: 0 }
  const bound = { text: 'b', metric: 'm', comparison: '<', limit: 1, value: 2, ok: false, strict: true } as const
  for (const [what, changes, text] of [
    ['of a generator that was the bottleneck', { endedMs: 1, generatorBound: true }, 'was a bottleneck in this run'],
    ['of lost workers', { unaccounted: 1200 }, '1,200 arrivals are unaccounted'],
    ['of one lost arrival', { unaccounted: 1 }, '1 arrival is unaccounted: workers were lost before they reported it'],
    ['of a run that failed', { failure: 'no worker' }, 'The run failed: no worker'],
    ['of users that failed without a request', { users }, '2 virtual users failed'],
    [
      'of one user that failed without a request',
      { users: { ...users, failedByRequest: 2 } },
      '1 virtual user failed because',
    ],
    ['of a missed bound', { ok: false, bounds: [bound] }, 'A bound of the script is missed'],
  ] as const)
    it(what, () => assert.match(show(changes), new RegExp(text)))
  it('of a generator that is the bottleneck now', () => {
    const timeline = [timelinePoint(1, { generatorBound: true })]
    assert.match(show({ endedMs: undefined, timeline }), /Generator-bound/)
  })
})
