import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readYaml } from './yaml.ts'

const CASES: readonly [yaml: string, value: unknown][] = [
  ['[1.10, 010, True, 007700, 1e3, 0x1F, 12:30:45, 2001-01-01, .inf, NaN, 1_000, +12]', null],
  ['{a: ~, b: null, c: "", d: !!str 5, e: !!int 5}', { a: null, b: null, c: '', d: '5', e: '5' }],
  ['a: |\n  07\nb: >-\n  x\n  y\n', { a: '07\n', b: 'x y' }],
  [
    'd: &d {a: 1.10, b: 2}\nx:\n  <<: *d\n  b: 03\ny: {<<: [*d, {c: 1}]}\n',
    { d: { a: '1.10', b: '2' }, x: { a: '1.10', b: '03' }, y: { a: '1.10', b: '2', c: '1' } },
  ],
]

for (const [yaml, value] of CASES) {
  test(`reads ${JSON.stringify(yaml)}`, () => {
    assert.deepEqual(readYaml(yaml), { value: value ?? yaml.slice(1, -1).split(', '), problems: [] })
  })
}

for (const [yaml, problem] of [
  ['a: 1\na: 2', /unique/],
  ['a: *b', /b/],
  ['a: {<<: 5}', /[Mm]erge/],
  ['a: [', /^[^\n]*[^:]$/],
] as const) {
  test(`refuses ${JSON.stringify(yaml)}`, () => {
    const { value, problems } = readYaml(yaml)
    assert.equal(value, undefined)
    assert.match(problems.join(), problem)
  })
}
