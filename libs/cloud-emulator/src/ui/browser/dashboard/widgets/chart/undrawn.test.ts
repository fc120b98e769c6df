import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { XyChart } from '../../../../../contract/dashboard.ts'
import { isCompared, undrawnParts } from './undrawn.ts'

const line = { plotType: 'LINE' }
const area = { plotType: 'STACKED_AREA' }
const heatmap = { plotType: 'HEATMAP' }

describe('parts of a chart that are not supported', () => {
  const cases: readonly (readonly [string, XyChart, RegExp | undefined])[] = [
    ['nothing of lines', { dataSets: [line, {}], thresholds: [{ value: 1 }] }, undefined],
    ['nothing of lines that are compared', { dataSets: [line], timeshiftDuration: '3600s' }, undefined],
    ['0s is not a comparison', { dataSets: [area], timeshiftDuration: '0s' }, undefined],
    [
      'the comparison of areas',
      { dataSets: [line, area], timeshiftDuration: '60s' },
      /^timeshiftDuration 60s: only lines/,
    ],
    ['the comparison of a heatmap', { dataSets: [heatmap], timeshiftDuration: '60s' }, /only lines/],
    [
      'a comparison with later times',
      { dataSets: [line], timeshiftDuration: '-60s' },
      /it must be a number of seconds above 0$/,
    ],
    ['data sets in addition to a heatmap', { dataSets: [line, heatmap] }, /in addition to the first heatmap/],
    ['thresholds of a heatmap', { dataSets: [heatmap], thresholds: [{ value: 1 }] }, /thresholds/],
    ['horizontal values', { dataSets: [line], chartOptions: { displayHorizontal: true } }, /displayHorizontal/],
    ['breakdowns', { dataSets: [{ ...line, breakdowns: [{}] }] }, /^breakdowns of a data set$/],
    ['no empty breakdowns', { dataSets: [{ ...line, breakdowns: [], sort: [] }] }, undefined],
    ['X-rays', { dataSets: [line], chartOptions: { mode: 'X_RAY' } }, /mode X_RAY/],
  ]
  for (const [name, chart, expected] of cases) {
    it(name, () => {
      const parts = undrawnParts(chart)
      if (expected === undefined) assert.deepEqual(parts, [])
      else assert.match(parts.join(), expected)
    })
  }

  it('only line charts are compared with earlier times', () => {
    assert.equal(isCompared({ dataSets: [line, {}], timeshiftDuration: '60s' }), true)
    assert.equal(isCompared({ dataSets: [line] }), false)
  })
})
