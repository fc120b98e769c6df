import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkAlertPolicyFormat, checkDashboardFormat } from './google-protos.ts'

const tile = (widget: object) => ({
  displayName: 'd',
  mosaicLayout: { columns: 12, tiles: [{ width: 1, height: 1, widget }] },
})
const at = 'mosaicLayout.tiles[0].widget'

describe('the format of a dashboard', () => {
  for (const [name, document, path] of [
    ['an unknown field', tile({ titel: 'x' }), `${at}.titel`],
    ['a wrong type', tile({ title: 7 }), `${at}.title`],
    ['an unknown enum value', tile({ text: { content: 'x', format: 'HTML' } }), `${at}.text.format`],
    ['two contents of one widget', tile({ text: { content: 'x' }, blank: {} }), at],
    ['a missing required field', tile({ xyChart: {} }), `${at}.xyChart.dataSets`],
    ['something in an empty message', tile({ blank: { x: 1 } }), `${at}.blank`],
    ['a fraction of a column', { displayName: 'd', mosaicLayout: { columns: 1.5 } }, 'mosaicLayout.columns'],
    ['an object where a list belongs', { displayName: 'd', mosaicLayout: { tiles: {} } }, 'mosaicLayout.tiles'],
    ['no name', {}, 'displayName'],
  ] as const) {
    it(`knows ${name}`, () => {
      assert.deepEqual(
        checkDashboardFormat(document).map((problem) => problem.path),
        [path],
      )
    })
  }

  it('takes int64 as text, and durations', () => {
    const query = { timeSeriesFilter: { filter: 'f', aggregation: { alignmentPeriod: '60s' } } }
    const widgets = [{ xyChart: { dataSets: [{ timeSeriesQuery: query }] } }]
    assert.deepEqual(checkDashboardFormat({ displayName: 'd', gridLayout: { columns: '2', widgets } }), [])
  })

  it('says what is allowed', () => {
    const [problem] = checkDashboardFormat(tile({ text: { format: 'HTML' } }))
    assert.equal(problem?.message, 'has to be one of MARKDOWN, RAW, not "HTML"')
  })
})

describe('the format of an alert policy', () => {
  it('knows a duration that is none', () => {
    const conditions = [{ displayName: 'c', conditionThreshold: { filter: 'f', duration: '5m' } }]
    assert.deepEqual(
      checkAlertPolicyFormat({ displayName: 'p', conditions }).map((problem) => problem.path),
      ['conditions[0].conditionThreshold.duration'],
    )
  })
})
