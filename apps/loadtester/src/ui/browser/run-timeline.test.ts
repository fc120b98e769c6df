import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { shownRun, timelinePoint } from '../../../test/testing/shown-run.ts'
import type { StateView } from '../../contract/api.ts'
import type { RunReport } from '../../contract/run-report.ts'
import { RunTimeline } from './run-timeline.ts'

function stateOf(run: RunReport | undefined): StateView {
  return { version: '1', nowMs: 0, run, workers: [], scripts: [], defaultScript: '', targets: [] }
}
const points = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => timelinePoint((from + index) * 1000))

describe('the timeline of the shown run', () => {
  it('is none without a run', () => assert.equal(new RunTimeline().complete(stateOf(undefined)), undefined))
  it('grows by the points that are new', () => {
    const timeline = new RunTimeline()
    timeline.complete(stateOf(shownRun({ timeline: points(1, 4) })))
    const run = timeline.complete(stateOf(shownRun({ timeline: points(3, 6) })))
    assert.deepEqual([run?.timeline.map(({ atMs }) => atMs), timeline.sinceMs], [[1000, 2000, 3000, 4000, 5000], 5000])
  })
  it('is that of another run, once there is one', () => {
    const timeline = new RunTimeline()
    timeline.complete(stateOf(shownRun({ timeline: points(10, 20) })))
    const run = timeline.complete(stateOf(shownRun({ id: 'run-2', timeline: points(1, 3) })))
    assert.equal(run?.timeline.length, 2)
  })
  it('is thinned when it gets long', () => {
    const timeline = new RunTimeline()
    const run = timeline.complete(stateOf(shownRun({ timeline: points(1, 7202) })))
    assert.ok((run?.timeline.length ?? 0) <= 3601)
    assert.equal(timeline.sinceMs, 7_201_000)
  })
})
