import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listenersOf, markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import { shownRun } from '../../../test/testing/shown-run.ts'
import type { RunReport, RunState } from '../../contract/run-report.ts'
import { controlBar } from './control-bar.ts'

const events = { onNew: () => {}, onEdit: () => {}, onTheme: () => {}, onAct: () => {} }
const show = (run: RunReport | undefined, isLost = false) => controlBar({ present: 1, isLost, run }, events)

describe('the controls of a run', () => {
  const cases: [state: RunState, buttons: string][] = [
    ['running', 'Edit Pause Reset Stop'],
    ['paused', 'Edit Resume Stop'],
    ['preparing', 'Stop'],
    ['stopping', ''],
    ['finished', 'New test'],
    ['failed', 'New test'],
  ]
  for (const [state, buttons] of cases)
    it(`that is ${state}: ${buttons || 'none'}`, () => {
      const markup = markupOf(show(shownRun({ state })))
      const labels = [...markup.matchAll(/<button[^>]*>\s*([^<]*?)\s*<\/button>/g)].map(([, label]) => label)
      assert.deepEqual(labels, [...(buttons === '' ? [] : (buttons.match(/New test|\w+/g) ?? [])), '◐'])
      assert.equal(listenersOf(show(shownRun({ state })), 'click').length, labels.length)
    })
  it('are gone while nothing answers', () => {
    assert.match(textOf(show(shownRun({ state: 'running' }), true)), /no connection/)
    assert.equal(listenersOf(show(shownRun({ state: 'running' }), true), 'click').length, 1)
  })
  it('say what runs against what', () =>
    assert.match(textOf(show(shownRun({ durationSeconds: 65 }))), /s\.yml → http:\/\/t · 1 min 05 s · 1 worker/))
  it('say how many workers wait', () =>
    assert.match(textOf(controlBar({ present: 2, isLost: false, run: undefined }, events)), /ready 2 workers/))
})
