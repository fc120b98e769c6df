import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalBytes, canonicalLabels } from './canonical-labels.ts'
import { decodeLabels, encodeLabels } from './labels.ts'

const canonical = (labels: Readonly<Record<string, string>>) =>
  Object.fromEntries(canonicalLabels(new Map(Object.entries(labels))).labels)

test('bounds and quantiles have the form of Prometheus 3', () => {
  const cases: [given: string, expected: string][] = [
    ['1', '1.0'],
    ['1.0', '1.0'],
    ['01', '1.0'],
    ['1.50', '1.5'],
    ['-0', '0.0'],
    ['-2', '-2.0'],
    ['0.005', '0.005'],
    ['5e-3', '0.005'],
    ['0.0001', '0.0001'],
    ['0.00001', '1e-05'],
    ['999999', '999999.0'],
    ['1000000', '1e+06'],
    ['1e6', '1e+06'],
    ['123456789', '1.23456789e+08'],
    ['1e21', '1e+21'],
    ['+Inf', '+Inf'],
    ['NaN', 'NaN'],
    ['1e999', '1e999'],
    ['0x10', '0x10'],
    ['', ''],
    ['about 1', 'about 1'],
  ]
  for (const [given, expected] of cases) {
    assert.equal(canonical({ __name__: 'h_bucket', le: given }).le, expected, given)
    assert.equal(canonical({ __name__: 's', quantile: given }).quantile, expected, given)
  }
})

test('other labels are unchanged', () => {
  const labels = { __name__: 'h_count', le: '1', version: '1', instance: 'h:1' }
  assert.deepEqual(canonical(labels), labels)
})

test('labels with type and unit don’t belong to the series', () => {
  const labels = new Map([
    ['__name__', 'a_total'],
    ['__type__', 'counter'],
    ['__unit__', 'seconds'],
  ])
  assert.deepEqual(canonicalLabels(labels), { labels: new Map([['__name__', 'a_total']]), type: 'counter' })
  assert.equal(canonicalLabels(new Map([['__type__', 'nonsense']])).type, undefined)
})

test('labels in canonical form keep their bytes', () => {
  const bytes = encodeLabels(new Map([...Object.entries({ __name__: 'h_bucket', le: '1.0', ü: 'x' })]))
  assert.equal(canonicalBytes(bytes).bytes, bytes)
  const bad = Buffer.from([0x0a, 9])
  assert.equal(canonicalBytes(bad).bytes, bad)
})

test('labels in another order are sorted', () => {
  const [a, b] = [{ __name__: 'x' }, { a: '1' }].map((labels) => encodeLabels(new Map(Object.entries(labels))))
  const { bytes } = canonicalBytes(Buffer.concat([b ?? Buffer.of(), a ?? Buffer.of()]))
  assert.deepEqual([...decodeLabels(bytes).keys()], ['__name__', 'a'])
})
