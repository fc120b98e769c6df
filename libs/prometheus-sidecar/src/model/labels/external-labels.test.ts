import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withExternalLabels, withoutExternalLabels } from './external-labels.ts'

const CASES: readonly [labels: string, now: string, former: readonly string[], left: string][] = [
  ['a=1 zone=x', 'zone=x', [], 'a=1'],
  ['a=1 zone=y', 'zone=x', [], 'a=1 zone=y'],
  ['a=1 zone=y', 'zone=x', ['zone=y'], 'a=1'],
  ['a=1 zone=x', 'zone=x', ['zone=y'], 'a=1'],
  ['a=1 c=e zone=y', 'c=e', ['c=e zone=y'], 'a=1'],
  ['a=1 c=e', 'c=e zone=y', ['c=e'], 'a=1'],
  ['a=1 c=e', 'c=e zone=y', ['zone=x', 'c=e'], 'a=1'],
  ['a=1 c=own zone=y', 'c=e zone=y', ['c=e zone=x'], 'a=1 c=own'],
]

for (const [labels, now, former, left] of CASES) {
  test(`{${labels}} with external labels ${now}${former.map((each) => `, once ${each}`).join('')}: {${left}}`, () => {
    const external = { externalLabels: parse(now), formerExternalLabels: former.map(parse) }
    assert.deepEqual(withoutExternalLabels(parse(labels), external), parse(left))
  })
}

test('a series keeps its own labels under other external labels', () => {
  assert.deepEqual(withExternalLabels(parse('a=1 c=own'), parse('c=e zone=y')), parse('c=own zone=y a=1'))
})

function parse(text: string): ReadonlyMap<string, string> {
  return new Map(text.split(' ').map((pair) => pair.split('=') as [string, string]))
}
