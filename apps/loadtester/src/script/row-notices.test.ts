import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LoadProfile } from '../load/profile.ts'
import { rowNotices } from './row-notices.ts'

const segment = { durationSeconds: 10, from: 5, to: 5 }

describe('rowNotices', () => {
  for (const [name, model, modes, order, says] of [
    ['evenly spaced arrivals', 'open', ['uniform', 'uniform'], 'sequence', undefined],
    ['a Poisson process', 'open', ['poisson', 'poisson'], 'sequence', undefined],
    ['both', 'open', ['uniform', 'poisson'], 'sequence', /left out where phases change/],
    ['users', 'closed', ['uniform'], 'sequence', /at its own pace/],
    ['users with random rows', 'closed', ['uniform'], undefined, undefined],
  ] as const) {
    it(`says ${says === undefined ? 'nothing' : 'what differs'} for ${name}`, () => {
      const payload = [{ path: 'a.csv', fields: ['a'], data: [['1'], ['2']], order }]
      const profile = new LoadProfile(modes.map((mode) => ({ ...segment, mode })))
      const [notice] = rowNotices({ document: { config: { payload }, scenarios: [] } }, { model, profile })
      if (says === undefined) assert.equal(notice, undefined)
      else assert.match(notice ?? '', says)
    })
  }
})
