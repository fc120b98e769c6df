import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import { shownRun } from '../../../../test/testing/shown-run.ts'
import { downloadsView } from './downloads-view.ts'
import { eventsView } from './events-view.ts'

const atMs = new Date(2026, 0, 2, 3, 4, 5).getTime()

describe('the events', () => {
  it('are newest first, with the worker that logged them', () => {
    const log = [
      { atMs, text: 'first' },
      { atMs: atMs + 1000, worker: 'w-1', text: 'second' },
    ]
    assert.match(textOf(eventsView(undefined, log)), /03:04:06 w-1: second 03:04:05 first/)
  })
  it('say that nothing has happened', () =>
    assert.equal(textOf(eventsView(shownRun({ events: [] }), [])).match(/Nothing yet/g)?.length, 2))
})

it('the downloads are those of the run', () =>
  assert.match(textOf(downloadsView(shownRun())), /Report.*All figures.*Timeline/))
