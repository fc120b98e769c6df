import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listenersOf, markupOf, textOf } from '@node-to-cloud/browser-kit/testing/view-text'
import { type Column, numberColumn, type SortOrder, table } from './table.ts'

interface Row {
  readonly name: string
  readonly size: number
}

const ROWS: readonly Row[] = [
  { name: 'b', size: 2 },
  { name: 'a', size: 10 },
  { name: 'c', size: 2 },
]
const COLUMNS: readonly Column<Row>[] = [
  { title: 'Name', cell: ({ name }) => name, sortBy: ({ name }) => name },
  numberColumn(
    'Size',
    ({ size }) => size,
    (size) => `${size} B`,
  ),
]
const options = { caption: 'Files', key: ({ name }: Row) => name }
const bodyOf = (view: unknown): string =>
  textOf(
    markupOf(view)
      .replace(/<thead>[\s\S]*<\/thead>/, '')
      .replaceAll('</td>', ' ')
      .replaceAll('</tr>', ';'),
  )

describe('a table', () => {
  test('keeps the order of its rows, and can be scrolled by keyboard', () => {
    const view = table(COLUMNS, ROWS, options)
    assert.equal(bodyOf(view), 'b 2 B ; a 10 B ; c 2 B ;')
    assert.match(markupOf(view), /tabindex="0" role="region" aria-label=Files/)
    assert.deepEqual(listenersOf(view, 'click'), [])
  })

  const orders: [sort: SortOrder, body: string][] = [
    [{ column: 0, descending: false }, 'a 10 B ; b 2 B ; c 2 B ;'],
    [{ column: 0, descending: true }, 'c 2 B ; b 2 B ; a 10 B ;'],
    [{ column: 1, descending: true }, 'a 10 B ; b 2 B ; c 2 B ;'],
    [{ column: 1, descending: false }, 'b 2 B ; c 2 B ; a 10 B ;'],
  ]
  for (const [sort, body] of orders)
    test(`sorted by ${JSON.stringify(sort)}`, () =>
      assert.equal(bodyOf(table(COLUMNS, ROWS, { ...options, sort })), body))

  test('keeps the order of a server', () =>
    assert.equal(
      bodyOf(table(COLUMNS, ROWS, { ...options, sort: { column: 0, descending: false }, isSorted: true })),
      'b 2 B ; a 10 B ; c 2 B ;',
    ))

  test('has a total row and row classes', () => {
    const markup = markupOf(
      table(COLUMNS, ROWS.slice(0, 1), { ...options, total: { name: 'all', size: 14 }, rowClass: () => 'own' }),
    )
    assert.match(markup, /<tr class=own>[\s\S]*<tr class=total>[\s\S]*14 B/)
  })

  test('has no header if no column has a title', () =>
    assert.doesNotMatch(markupOf(table([{ title: '', cell: () => 'x' }], [1], { caption: 'c', key: String })), /thead/))
})

describe('a click on a heading', () => {
  const cases: [sort: SortOrder, column: number, next: SortOrder][] = [
    [{ column: 0, descending: false }, 0, { column: 0, descending: true }],
    [{ column: 0, descending: true }, 0, { column: 0, descending: false }],
    [{ column: 0, descending: false }, 1, { column: 1, descending: true }],
    [{ column: 1, descending: true }, 0, { column: 0, descending: false }],
  ]
  for (const [sort, column, next] of cases)
    test(`${JSON.stringify(sort)} becomes ${JSON.stringify(next)}`, () => {
      const order = { ...sort }
      let drawn = 0
      const view = table(COLUMNS, ROWS, { ...options, sort: order, onSort: () => drawn++ })
      listenersOf(view, 'click')[column]?.(new Event('click'))
      assert.deepEqual([order, drawn], [next, 1])
    })
})
