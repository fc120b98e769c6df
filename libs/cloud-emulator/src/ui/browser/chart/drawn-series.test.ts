import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PlotType } from './chart-series.ts'
import { type DrawnSeries, inDrawingOrder, seriesOptions } from './drawn-series.ts'
import { valueScale } from './value-scales.ts'

const DATA = { metricType: 'm', metricLabels: {}, resourceType: 'r', resourceLabels: {}, timesMs: [], values: [] }
const drawn = (name: string, plotType: PlotType, column: readonly (number | null)[]): DrawnSeries => ({
  name,
  plotType,
  column,
  axis: 'Y1',
  unit: '1',
  color: '#000000',
  data: DATA,
})

test('stacks are drawn from the top down, areas before bars, then lines', () => {
  const { order, values } = inDrawingOrder([
    drawn('line', 'LINE', [9]),
    drawn('bar', 'STACKED_BAR', [4]),
    drawn('low', 'STACKED_AREA', [1]),
    drawn('high', 'STACKED_AREA', [2]),
  ])
  assert.deepEqual(
    order.map(({ name }) => name),
    ['high', 'low', 'bar', 'line'],
  )
  assert.deepEqual(values, [[3], [1], [4], [9]])
})

describe('how a series is drawn', () => {
  const period = (): number => 60
  test('on its axis', () => {
    assert.equal(seriesOptions(drawn('a', 'LINE', []), period).scale, 'y')
    assert.equal(seriesOptions({ ...drawn('a', 'LINE', []), axis: 'Y2' }, period).scale, 'y2')
  })
  test('dashed if it is earlier', () =>
    assert.deepEqual(seriesOptions({ ...drawn('a', 'LINE', []), earlierOf: 'b' }, period).dash, [3, 4]))
  test('bars have no line', () => {
    const { width, fill, paths } = seriesOptions(drawn('a', 'STACKED_BAR', []), period)
    assert.deepEqual([width, fill, typeof paths], [0, '#000000', 'function'])
  })
})

describe('the range of an axis', () => {
  const thresholds = [
    { value: 15, label: '', critical: true, above: true, axis: 'Y1' as const },
    { value: 99, label: '', critical: true, above: true, axis: 'Y2' as const },
  ]
  const rangeOf = (logarithmic: boolean, data: readonly (readonly (number | null)[])[], low: number, high: number) => {
    const { range, distr } = valueScale({ axis: 'Y1', unit: '1', logarithmic }, () => thresholds)
    assert.ok(typeof range === 'function')
    const plot = { series: data.map((_, index) => ({ scale: index === 2 ? 'y2' : 'y' })), data }
    // Ranges use only these parts of a plot.
    return { distr, range: range(plot as unknown as Parameters<typeof range>[0], low, high, 'y') }
  }
  test('starts at zero and has its own thresholds', () => {
    const { distr, range } = rangeOf(false, [[], [5, 10]], 5, 10)
    assert.equal(distr, 1)
    assert.deepEqual(
      range.map((one) => Math.round(Number(one) * 10) / 10),
      [0, 16.5],
    )
  })
  test('is logarithmic from the power of ten below the smallest value of its series', () => {
    const { distr, range } = rangeOf(true, [[], [0.02, null, -1, 0], [1e-9]], 0.02, 50)
    assert.equal(distr, 3)
    assert.equal(range[0], 0.01)
  })
  test('even without positive values', () => assert.ok(Number(rangeOf(true, [[], [0]], 0, 0).range[0]) > 0))
})
