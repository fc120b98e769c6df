import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requestJson, startTestEmulator } from '../../test/testing/running-emulator.ts'

type Json = Record<string, unknown>

const COLLECTION = '/v1/projects/demo-project/dashboards'
const query = { timeSeriesQuery: { timeSeriesFilter: { filter: 'metric.type="a.b/c"' } } }

/** What the real API adds to the widgets of a new dashboard. */
const CASES: readonly [what: string, widget: Json, back: Json][] = [
  [
    'the axis of a data set',
    { xyChart: { dataSets: [{ ...query }, { ...query, targetAxis: 'Y2' }] } },
    {
      xyChart: {
        dataSets: [
          { ...query, targetAxis: 'Y1' },
          { ...query, targetAxis: 'Y2' },
        ],
      },
    },
  ],
  [
    'the scale of an axis',
    { xyChart: { dataSets: [{ ...query }], yAxis: { label: 'y' } } },
    { xyChart: { dataSets: [{ ...query, targetAxis: 'Y1' }], yAxis: { label: 'y', scale: 'LINEAR' } } },
  ],
  [
    'another scale is kept',
    { xyChart: { dataSets: [{ ...query }], yAxis: { scale: 'LOG10' } } },
    { xyChart: { dataSets: [{ ...query, targetAxis: 'Y1' }], yAxis: { scale: 'LOG10' } } },
  ],
  ['format and style of a text', { text: { content: 'x' } }, { text: { content: 'x', format: 'MARKDOWN', style: {} } }],
  [
    'an explicit format and style are kept',
    { text: { content: 'x', format: 'RAW', style: { fontSize: 'FS_LARGE' } } },
    { text: { content: 'x', format: 'RAW', style: { fontSize: 'FS_LARGE' } } },
  ],
  [
    'the alignment period of a table',
    { timeSeriesTable: { dataSets: [{ ...query }] } },
    { timeSeriesTable: { dataSets: [{ ...query, minAlignmentPeriod: '0s' }] } },
  ],
  ['nothing else', { logsPanel: { filter: 'x' } }, { logsPanel: { filter: 'x' } }],
]

const LAYOUTS: Readonly<Record<string, (widget: Json) => Json>> = {
  gridLayout: (widget) => ({ widgets: [widget] }),
  rowLayout: (widget) => ({ rows: [{ widgets: [widget] }] }),
  columnLayout: (widget) => ({ columns: [{ widgets: [widget] }] }),
  mosaicLayout: (widget) => ({ columns: 12, tiles: [{ width: 1, height: 1, widget }] }),
}

describe('a dashboard is returned with', () => {
  for (const [what, widget, back] of CASES)
    test(what, async (context) => {
      const { url } = await startTestEmulator(context)
      for (const [layout, around] of Object.entries(LAYOUTS)) {
        const body = { displayName: layout, [layout]: around(widget) }
        const { status, json } = await requestJson(`${url}${COLLECTION}`, { body })
        assert.equal(status, 200, JSON.stringify(json))
        assert.deepEqual(json[layout], around(back), layout)
        const again = await requestJson(`${url}/v1/${json.name}`, {
          method: 'PATCH',
          body: { ...body, etag: json.etag },
        })
        assert.deepEqual(again.json, json, 'also when it is updated')
      }
    })
})
