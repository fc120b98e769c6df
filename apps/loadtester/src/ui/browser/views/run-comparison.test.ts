import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import { quantilesOf, shownRun, timelinePoint } from '../../../../test/testing/shown-run.ts'
import { comparedSeconds, comparisonView, failedShare } from './run-comparison.ts'

const run = (changes: Parameters<typeof shownRun>[0] = {}) =>
  shownRun({ endedMs: 9000, requests: 100, latencyMs: quantilesOf(10), lagMs: quantilesOf(1), ...changes })
/** The cells of a row of the comparison. */
function rowOf(title: string, a: ReturnType<typeof run>, b: ReturnType<typeof run>): string {
  const rows = markupOf(comparisonView(a, b)).split('</tr>')
  return textOf((rows.find((row) => row.includes(`>${title}<`)) ?? '').replaceAll('</td>', ' '))
}

describe('two runs compared', () => {
  for (const [title, a, b, text, judged] of [
    ['p95', { latencyMs: quantilesOf(10) }, { latencyMs: quantilesOf(12) }, 'p95 10 ms 12 ms +20 %', 'worse'],
    ['p95', { latencyMs: quantilesOf(10) }, { latencyMs: quantilesOf(5) }, 'p95 10 ms 5 ms −50 %', 'better'],
    ['p95', { latencyMs: quantilesOf(100) }, { latencyMs: quantilesOf(101) }, 'p95 100 ms 101 ms +1.0 %', ''],
    ['p95', { latencyMs: quantilesOf(0, 0) }, { latencyMs: quantilesOf(5) }, 'p95 – 5 ms –', ''],
    ['Start lag p99', { lagMs: quantilesOf(0) }, { lagMs: quantilesOf(0) }, 'Start lag p99 0 s 0 s 0 %', ''],
    ['Failed', { failures: 0 }, { failures: 1 }, 'Failed 0 % 1.0 % –', ''],
    ['Requests', { requests: 10 }, { requests: 2000 }, 'Requests 10 2,000 +19,900 %', ''],
  ] as const)
    it(text, () => {
      assert.equal(rowOf(title, run(a), run(b)), text)
      const markup = markupOf(comparisonView(run(a), run(b)))
      const kinds = ['worse', 'better'].filter((kind) => markup.includes(`<span class=${kind}>`))
      assert.deepEqual(kinds, judged === '' ? [] : [judged])
    })

  it('say whether they keep their bounds, and which one is running', () =>
    assert.match(
      textOf(comparisonView(run({ verdict: 'passed' }), run({ verdict: 'failed', endedMs: undefined }))),
      /The older run keeps the bounds of its script\. The running run does not keep the bounds/,
    ))
  it('have the seconds of either, from the start of each', () => {
    const a = run({ timeline: [1, 2].map((second) => timelinePoint(second * 1000)) })
    const b = run({ timeline: [7, 9].map((second) => timelinePoint(second * 1000, { requests: second })) })
    assert.deepEqual(
      comparedSeconds(a, b, ({ requests }) => requests),
      {
        seconds: [0, 1, 2],
        values: [
          [1, 1, null],
          [7, null, 9],
        ],
      },
    )
  })
})

it('nothing has failed of nothing', () => assert.equal(failedShare({ requests: 0, failures: 0 }), 0))
