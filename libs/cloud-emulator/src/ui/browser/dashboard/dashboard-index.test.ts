import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dashboardId, findDashboards } from './dashboard-index.ts'

const dashboards = [
  {
    name: 'projects/p/dashboards/flask-app',
    displayName: 'The app',
    mosaicLayout: { tiles: [{ widget: { title: 'Failures' } }] },
  },
  { name: 'projects/p/dashboards/gke', displayName: 'GKE nodes', gridLayout: { widgets: [{ title: 'Memory' }, {}] } },
]

describe('a search of dashboards', () => {
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
