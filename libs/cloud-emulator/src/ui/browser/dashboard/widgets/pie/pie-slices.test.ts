import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { QueryAnswer, QuerySeries } from '../../../../../contract/charts.ts'
import { slicePath, slicesOf } from './pie-slices.ts'

function series(code: string, ...values: number[]): QuerySeries {
  const timesMs = values.map((_, index) => index * 60_000)
  return {
    metricType: 'm/requests',
    metricLabels: { code },
    resourceType: 'global',
    resourceLabels: {},
    timesMs,
    values,
  }
}

function result(...all: QuerySeries[]): QueryAnswer {
  const kind = { metricKind: 'GAUGE', valueType: 'DOUBLE', unit: '1', alignmentPeriodSeconds: 60 } as const
  return { ...kind, totalSeries: all.length, series: all }
}

describe('the slices of a pie', () => {
  const pie = { chartType: 'PIE', dataSets: [{ timeSeriesQuery: {} }] }

  it('are the newest values, largest first, without those of 0', () => {
    const found = slicesOf(pie, [result(series('200', 90, 30), series('500', 1, 10), series('404', 5, 0))])
    assert.deepEqual(
      found.map(({ name, value, share }) => [name, value, share]),
      [
        ['200', 30, 0.75],
        ['500', 10, 0.25],
      ],
    )
  })

  it('have the names of their templates, or their own names', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Cloud Monitoring's templates look like this
    const template = { ...pie, dataSets: [{ sliceNameTemplate: 'code ${metric.labels.code}' }] }
    assert.equal(slicesOf(template, [result(series('200', 1))])[0]?.name, 'code 200')
    const alike = { ...pie, dataSets: [{ sliceNameTemplate: 'x' }] }
    assert.deepEqual(
      slicesOf(alike, [result(series('1', 2), series('2', 1))]).map(({ name }) => name),
      ['x · 1', 'x · 2'],
    )
  })

  it('are combined, if there are too many', () => {
    const many = Array.from({ length: 30 }, (_, index) => series(String(index), index + 1))
    const found = slicesOf(pie, [result(...many)])
    assert.equal(found.length, 12)
    assert.equal(found.at(-1)?.name, '19 others')
    assert.ok(Math.abs(found.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9)
  })

  it('are none without data', () => assert.deepEqual(slicesOf(pie, [result()]), []))

  it('are drawn as parts of a circle, or as a full circle', () => {
    assert.match(slicePath(0, 0.25, false), /^M 50\.000 2\.000 A 48 48 0 0 1 98\.000 50\.000 L 50 50 Z$/)
    assert.match(
      slicePath(0, 0.75, true),
      /A 48 48 0 1 1 2\.000 50\.000 L 22\.000 50\.000 A 28 28 0 1 0 50\.000 22\.000 Z$/,
    )
    assert.doesNotMatch(slicePath(0, 1, false), /^M (\S+ \S+) A .* \1 L/)
  })
})
