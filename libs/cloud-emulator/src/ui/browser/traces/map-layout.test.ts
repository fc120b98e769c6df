import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mapLayout } from './map-layout.ts'

const cases: Readonly<Record<string, readonly [links: readonly string[], places: string]>> = {
  'one after another': [['web>shop', 'shop>db'], 'db@2,0 shop@1,0 web@0,0'],
  'two with the same caller': [['web>shop', 'web>mail'], 'mail@1,0 shop@1,1 web@0,0'],
  'the shortest way': [['web>shop', 'shop>db', 'web>db'], 'db@1,0 shop@1,1 web@0,0'],
  'a call back': [['web>shop', 'shop>web'], 'shop@1,0 web@0,0'],
  itself: [['web>web'], 'web@0,0'],
  nobody: [['web>'], 'web@0,0'],
}
for (const [what, [texts, places]] of Object.entries(cases))
  test(`services that call ${what}`, () => {
    const figures = { calls: 1, errors: 0, meanMs: 1 }
    const pairs = texts.map((text) => text.split('>') as [string, string])
    const names = [...new Set(pairs.flat())].filter((name) => name !== '')
    const map = {
      services: names.map((name) => ({ name, isService: true, ...figures })),
      links: pairs.filter(([, to]) => to !== '').map(([from, to]) => ({ from, to, ...figures })),
    }
    assert.equal(
      mapLayout(map)
        .map(({ name, column, row }) => `${name}@${column},${row}`)
        .join(' '),
      places,
    )
  })
