import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { queryAnswer, querySeries } from '../../../../../test/testing/query-answer.ts'
import { tableOf } from './table-rows.ts'

describe('a table of series', () => {
  const result = queryAnswer({
    unit: '1/s',
    series: [
      querySeries({ metricLabels: { method: 'GET', status: '200' }, timesMs: [1, 2], values: [5, 6] }),
      querySeries({
        metricLabels: { method: 'GET', status: '500' },
        timesMs: [1, 2],
        values: [50, 60.25],
        partialFrom: 2,
      }),
      querySeries({ metricLabels: { method: 'PUT', status: '200' }, timesMs: [], values: [] }),
    ],
  })

  it('has a column for each label and the newest values, largest first', () => {
    const { columns, rows } = tableOf([result], { dataSets: [{}] })
    assert.deepEqual(
      columns.map(({ title, alignment }) => `${title} ${alignment}`),
      ['method left', 'status left'],
    )
    assert.deepEqual(
      rows.map((row) => [...row.cells, row.valueText]),
      [
        ['GET', '500', '60.25/s'],
        ['GET', '200', '6/s'],
      ],
    )
  })

  it('leaves out hidden columns', () => {
    const { columns } = tableOf([result], { dataSets: [{}], columnSettings: [{ column: 'method', visible: false }] })
    assert.deepEqual(
      columns.map(({ title }) => title),
      ['status'],
    )
  })

  it('has the configured names and alignments of its columns', () => {
    const { columns } = tableOf([result], {
      dataSets: [{}],
      columnSettings: [
        { column: 'method', displayName: 'Verb', alignment: 'CENTER' },
        { column: 'status', visible: true, alignment: 'RIGHT' },
      ],
    })
    assert.deepEqual(columns, [
      { title: 'Verb', alignment: 'center' },
      { title: 'status', alignment: 'right' },
    ])
  })

  it('names the rows of several data sets', () => {
    const { columns, rows } = tableOf([result, result], {
      dataSets: [{ tableTemplate: 'now' }, { tableTemplate: 'then' }],
    })
    assert.equal(columns[0]?.title, 'metric')
    assert.deepEqual(new Set(rows.map((row) => row.cells[0])), new Set(['now', 'then']))
  })
})
