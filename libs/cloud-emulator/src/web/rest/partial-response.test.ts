import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseFieldMask, partOf } from './partial-response.ts'

const answer = {
  dashboards: [
    { name: 'a', displayName: 'A', gridLayout: { columns: '2', widgets: [{ title: 't', blank: {} }] } },
    { name: 'b', displayName: 'B' },
  ],
  nextPageToken: 'x',
}

describe('the fields of a response', () => {
  const cases: [fields: string, part: unknown][] = [
    ['nextPageToken', { nextPageToken: 'x' }],
    ['next_page_token', { nextPageToken: 'x' }],
    ['dashboards/name', { dashboards: [{ name: 'a' }, { name: 'b' }] }],
    ['dashboards.name', { dashboards: [{ name: 'a' }, { name: 'b' }] }],
    [
      'dashboards(name,displayName)',
      {
        dashboards: [
          { name: 'a', displayName: 'A' },
          { name: 'b', displayName: 'B' },
        ],
      },
    ],
    [
      'dashboards(name,gridLayout/widgets/title),nextPageToken',
      { dashboards: [{ name: 'a', gridLayout: { widgets: [{ title: 't' }] } }, { name: 'b' }], nextPageToken: 'x' },
    ],
    [
      'dashboards/gridLayout(columns,widgets(title))',
      { dashboards: [{ gridLayout: { columns: '2', widgets: [{ title: 't' }] } }, {}] },
    ],
    ['*/name', { dashboards: [{ name: 'a' }, { name: 'b' }], nextPageToken: 'x' }],
    ['*', answer],
    ['nothing', {}],
  ]
  for (const [fields, part] of cases) test(fields, () => assert.deepEqual(partOf(answer, parseFieldMask(fields)), part))
})

describe('is rejected', () => {
  for (const fields of [
    '',
    'a(',
    'a(b',
    'a)',
    ',',
    'a,',
    'a//b',
    'a b',
    '('.repeat(5_000),
    `${'a('.repeat(100)}b${')'.repeat(100)}`,
  ])
    test(JSON.stringify(fields.slice(0, 20)), () =>
      assert.throws(() => parseFieldMask(fields), { code: 'INVALID_ARGUMENT', message: /^Invalid field selection/ }),
    )
})
