import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dashboardId, findDashboards, inOrder } from './dashboard-index.ts'

const dashboards = [
  {
    name: 'projects/p/dashboards/flask-app',
    displayName: 'The app',
    mosaicLayout: { tiles: [{ widget: { title: 'Failures' } }] },
  },
  { name: 'projects/p/dashboards/gke', displayName: 'GKE nodes', gridLayout: { widgets: [{ title: 'Memory' }, {}] } },
]

it('dashboards are sorted by name, after those with the label home', () => {
  const named = (id: string, labels = {}) => ({ name: `projects/p/dashboards/${id}`, displayName: id, labels })
  const ids = inOrder([named('b'), named('a'), named('d', { home: '' }), named('c')]).map(dashboardId)
  assert.deepEqual(ids, ['d', 'a', 'b', 'c'])
})

describe('a dashboard search', () => {
  for (const [search, ids] of [
    ['', ['flask-app', 'gke']],
    ['NODES', ['gke']],
    ['flask', ['flask-app']],
    ['memory gke', ['gke']],
    ['failures', ['flask-app']],
    ['failures nodes', []],
  ] as const) {
    it(`${JSON.stringify(search)} finds ${ids.join(', ') || 'nothing'}`, () =>
      assert.deepEqual(findDashboards(dashboards, search).map(dashboardId), ids))
  }
})
