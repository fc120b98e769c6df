import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import type { StateView, WorkerState, WorkerView } from '../../../contract/api.ts'
import { workersView } from './workers-view.ts'

function worker(state: WorkerState, changes: Partial<WorkerView> = {}): WorkerView {
  return {
    id: 'w',
    name: 'worker-1',
    state,
    message: undefined,
    weight: 2,
    version: '1.2.3',
    users: 1200,
    inFlight: 4,
    utilization: 0.5,
    cpuCores: 0.25,
    memoryBytes: 96 * 2 ** 20,
    lagP99: 1.5,
    ...changes,
  }
}

function show(...workers: readonly WorkerView[]) {
  const state: StateView = {
    version: '1',
    nowMs: 0,
    run: undefined,
    workers,
    scripts: [],
    defaultScript: '',
    targets: [],
  }
  return workersView(state)
}

describe('the workers', () => {
  it('say how to start one', () => assert.match(textOf(show()), /loadtester worker --master URL/))
  it('have their figures', () =>
    assert.match(textOf(show(worker('running'))), /1,200450 %0\.25 of 21\.5 ms96 MiB1\.2\.3/))
  for (const [state, kind] of [
    ['running', 'good live'],
    ['preparing', 'warn'],
    ['lost', 'bad'],
  ] as const)
    it(`that are ${state} look so`, () =>
      assert.match(markupOf(show(worker(state))), new RegExp(`pill ${kind}"[^>]*>${state}`)))
  it('are marked when their engine is busy', () => {
    const meterOf = (utilization: number) => markupOf(show(worker('running', { utilization }))).includes('meter hot')
    assert.deepEqual([meterOf(0.95), meterOf(0.96)], [false, true])
  })
  it('tell why they are in their state', () =>
    assert.match(textOf(show(worker('failed', { message: 'no script' }))), /worker-1: no script/))
})
