import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setVariable } from './variable-path.ts'

const PATHS: readonly [path: string, before: Record<string, unknown>, after: Record<string, unknown>][] = [
  ['a', {}, { a: 1 }],
  ['a.b', {}, { a: { b: 1 } }],
  ['a.b', { a: { c: 2 } }, { a: { c: 2, b: 1 } }],
  ['a[1]', { a: ['x', 'y'] }, { a: ['x', 1] }],
  ['a[0].b', {}, { a: [{ b: 1 }] }],
  ["a['b c']", {}, { a: { 'b c': 1 } }],
  ['a.b', { a: 'text' }, { a: { b: 1 } }],
]

for (const [path, before, expected] of PATHS) {
  test(`${path} in ${JSON.stringify(before)}`, () => {
    const vars = structuredClone(before)
    setVariable(vars, path, 1)
    assert.deepEqual(vars, expected)
  })
}

test('a path cannot reach the prototype of all objects', () => {
  setVariable({}, '__proto__.polluted', 1)
  setVariable({}, 'constructor.prototype.polluted', 1)
  assert.equal(Reflect.get({}, 'polluted'), undefined)
})
