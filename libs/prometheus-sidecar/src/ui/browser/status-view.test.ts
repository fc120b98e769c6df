import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import { statusView } from './status-view.ts'

const atMs = new Date(2026, 0, 2, 14, 4, 5).getTime()
const sections = [{ title: 'Writes', rows: [['points', '1,234']] as const }]

describe('the status', () => {
  it('has its time, with the time zone, and a row for each fact', () =>
    assert.match(
      textOf(statusView({ notReady: [], sections }, undefined, atMs)),
      /^ready as of 14:04:05 \S+ Writes points1,234$/,
    ))
  it('says why the sidecar is not ready', () =>
    assert.match(
      textOf(statusView({ notReady: ['no target'], sections: [] }, undefined, atMs)),
      /not ready .* no target/,
    ))
  it('says why it is out of date', () =>
    assert.match(textOf(statusView({ notReady: [], sections }, 'no answer', atMs)), /14:04:05 .*no answer Writes/))
})
