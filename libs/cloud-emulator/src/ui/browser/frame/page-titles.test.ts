import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { titleOf } from './page-titles.ts'

describe('the title of a page', () => {
  for (const [page, id, title] of [
    ['dashboards', undefined, 'Dashboards'],
    ['dashboards', 'flask-app', 'flask-app'],
    ['metrics', 'external.googleapis.com/prometheus/up', 'up'],
    ['traces', '0af7651916cd43dd8448eb211c80319c', 'Trace 0af76519'],
    ['logs', undefined, 'Logs'],
  ] as const)
    it(title, () => assert.equal(titleOf({ page, parameters: {}, ...(id === undefined ? {} : { id }) }), title))
})
