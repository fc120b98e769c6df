import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withSiteLinks } from './link.ts'

const targets = { pages: new Set(['README.md', 'docs/telemetry.md', 'libs/telemetry/README.md']) }

for (const [markdown, expected] of [
  ['[a](telemetry.md)', '[a](./telemetry.md)'],
  ['[a](../libs/telemetry)', '[a](../libs/telemetry/README.md)'],
  ['[a](../README.md#the-pipeline)', '[a](../README.md#the-pipeline)'],
  ['[`a.ts`](../libs/telemetry/src/a.ts)', '`a.ts`'],
  ['[a](https://example.com) and [b](#b)', '[a](https://example.com) and [b](#b)'],
  ['![a](images/a.png)', '![a](images/a.png)'],
  ['`[a](b.ts)`', '`[a](b.ts)`'],
  ['```\n[a](b.ts)\n```', '```\n[a](b.ts)\n```'],
] as const) {
  test(`${JSON.stringify(markdown)} becomes ${JSON.stringify(expected)}`, () => {
    assert.equal(withSiteLinks(markdown, 'docs/page.md', targets), expected)
  })
}

test('files lead to the repository, where there is one', () => {
  const sources = 'https://github.com/some/name/blob/main'
  assert.equal(
    withSiteLinks('[a](../libs/telemetry/src/a.ts)', 'docs/page.md', { ...targets, sources }),
    `[a](${sources}/libs/telemetry/src/a.ts)`,
  )
})
