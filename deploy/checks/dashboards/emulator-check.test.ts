import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { EmulatorCheck, readAlertPolicy } from './emulator-check.ts'

const tile = (widget: object, size: object = { width: 1, height: 1 }) => ({
  displayName: 'd',
  mosaicLayout: { columns: 12, tiles: [{ ...size, widget }] },
})
const QUERY = { timeSeriesFilter: { filter: 'metric.type="x"', aggregation: { alignmentPeriod: '60s' } } }
const chart = (dataSet: object) => ({ xyChart: { dataSets: [dataSet] } })

describe('the check of a dashboard', () => {
  let emulator: EmulatorCheck
  before(async () => {
    emulator = await EmulatorCheck.start()
  })
  after(() => emulator.close())

  for (const [name, document, refusal] of [
    ['a chart', tile(chart({ timeSeriesQuery: QUERY })), undefined],
    ['int64 as text', { displayName: 'd', gridLayout: { columns: '2', widgets: [{ text: {} }] } }, undefined],
    ['an unknown field', tile({ titel: 'x' }), /titel/],
    ['a wrong type', tile({ title: 7 }), /title/],
    ['an unknown enum value', tile({ text: { content: 'x', format: 'HTML' } }), /HTML/],
    ['two contents of one widget', tile({ text: { content: 'x' }, blank: {} }), /oneof/],
    ['a chart without data', tile({ xyChart: {} }), /data_sets/],
    ['an invalid filter', tile(chart({ timeSeriesQuery: { timeSeriesFilter: { filter: '=' } } })), /filter/],
    [
      'an invalid duration',
      tile({ ...chart({ timeSeriesQuery: QUERY, minAlignmentPeriod: '1m' }) }),
      /min_alignment_period'.*must end with 's'/,
    ],
    ['a tile outside the columns', tile({ text: {} }, { xPos: 12, width: 1, height: 1 }), /columns/],
    ['no name', { gridLayout: {} }, /display_name/],
  ] as const) {
    it(refusal ? `refuses ${name}` : `accepts ${name}`, async () => {
      const answer = await emulator.dashboardRefusal(document)
      if (refusal) assert.match(answer ?? '', refusal)
      else assert.equal(answer, undefined)
    })
  }
})

describe('the check of an alert policy', () => {
  const policy = (duration: string, more: object = {}) => ({
    displayName: 'p',
    conditions: [{ displayName: 'c', conditionThreshold: { filter: 'f', duration, ...more } }],
  })
  it('accepts one in the form of the API', () => assert.ok(readAlertPolicy(policy('300s'))))
  for (const [name, document, refusal] of [
    ['an invalid duration', policy('5m'), /duration/],
    ['an unknown field', policy('300s', { treshold: 1 }), /treshold/],
    ['an unknown comparison', policy('300s', { comparison: 'MORE' }), /MORE/],
  ] as const) {
    it(`refuses ${name}`, () => assert.throws(() => readAlertPolicy(document), refusal))
  }
})
