import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readYaml } from '../config/yaml.ts'
import { readRelabelRules, relabel } from './relabel.ts'

const LABELS = { __name__: 'up', a: 'foo', b: 'bar', c: 'Baz', d: '' }

const CASES: readonly {
  readonly title: string
  readonly rules: string
  readonly labels?: Readonly<Record<string, string>>
  /** What changes; undefined as a value: the label is gone. Undefined: the series is dropped. */
  readonly expected: Readonly<Record<string, string | undefined>> | undefined
}[] = [
  { title: 'no rules', rules: '[]', expected: {} },
  { title: 'drop', rules: '[{action: drop, source_labels: [a], regex: f.o}]', expected: undefined },
  { title: 'drop needs the whole value', rules: '[{action: drop, source_labels: [a], regex: fo}]', expected: {} },
  { title: 'drop by alternatives', rules: '[{action: drop, source_labels: [b], regex: x|bar}]', expected: undefined },
  { title: 'keep', rules: '[{action: keep, source_labels: [a], regex: foo}]', expected: {} },
  { title: 'keep another', rules: '[{action: keep, source_labels: [a], regex: bar}]', expected: undefined },
  { title: 'an action in capitals', rules: '[{action: DROP, source_labels: [a], regex: foo}]', expected: undefined },
  {
    title: 'several source labels are joined with a semicolon',
    rules: '[{action: drop, source_labels: [a, b], regex: "foo;bar"}]',
    expected: undefined,
  },
  {
    title: 'or with another separator; a missing label is empty',
    rules: '[{action: drop, source_labels: [a, x, b], separator: "-", regex: "foo--bar"}]',
    expected: undefined,
  },
  { title: 'the default expression matches all', rules: '[{action: drop}]', expected: undefined },
  {
    title: 'a dot matches a newline too',
    rules: '[{action: drop, source_labels: [a], regex: "1.2"}]',
    labels: { a: '1\n2' },
    expected: undefined,
  },
  { title: 'replace copies by default', rules: '[{source_labels: [a], target_label: x}]', expected: { x: 'foo' } },
  {
    title: 'replace with groups by number and name',
    rules: `[{source_labels: [a, b], regex: "(.)(?P<rest>.*);(.*)", target_label: "x_\${1}", replacement: "$rest-\${3}-$$-$4-$"}]`,
    expected: { x_f: 'oo-bar-$--$' },
  },
  {
    title: 'replace changes nothing if it does not match',
    rules: '[{source_labels: [a], regex: x, target_label: a, replacement: y}]',
    expected: {},
  },
  {
    title: 'replace with nothing removes',
    rules: '[{source_labels: [a], regex: "f(x?)oo", target_label: b, replacement: "$1"}]',
    expected: { b: undefined },
  },
  { title: 'replace without source labels', rules: '[{target_label: x, replacement: y}]', expected: { x: 'y' } },
  {
    title: 'a rule sees what the one before has changed',
    rules: '[{source_labels: [a], target_label: tmp}, {action: drop, source_labels: [tmp], regex: foo}]',
    expected: undefined,
  },
  { title: 'lowercase', rules: '[{action: lowercase, source_labels: [c], target_label: c}]', expected: { c: 'baz' } },
  { title: 'uppercase', rules: '[{action: uppercase, source_labels: [c], target_label: x}]', expected: { x: 'BAZ' } },
  {
    title: 'hashmod',
    rules: '[{action: hashmod, source_labels: [c], target_label: d, modulus: 1000}]',
    labels: { c: 'baz' },
    expected: { d: '976' },
  },
  { title: 'keepequal', rules: '[{action: keepequal, source_labels: [a], target_label: a}]', expected: {} },
  {
    title: 'keepequal, unequal',
    rules: '[{action: keepequal, source_labels: [a], target_label: b}]',
    expected: undefined,
  },
  { title: 'dropequal', rules: '[{action: dropequal, source_labels: [a], target_label: a}]', expected: undefined },
  { title: 'dropequal, unequal', rules: '[{action: dropequal, source_labels: [a], target_label: b}]', expected: {} },
  {
    title: 'labelmap',
    rules: `[{action: labelmap, regex: "(b)", replacement: "new_\${1}"}]`,
    expected: { new_b: 'bar' },
  },
  { title: 'labeldrop', rules: '[{action: labeldrop, regex: "[ab]"}]', expected: { a: undefined, b: undefined } },
  {
    title: 'labelkeep',
    rules: '[{action: labelkeep, regex: "__name__|a|d"}]',
    expected: { b: undefined, c: undefined },
  },
]

for (const { title, rules: text, labels = LABELS, expected } of CASES) {
  test(`relabelling: ${title}`, () => {
    const rules = readRelabelRules(readYaml(text).value)
    assert.ok(rules !== undefined)
    const before = new Map(Object.entries(labels))
    const after = relabel(before, rules)
    if (expected === undefined) return assert.equal(after, undefined)
    const wanted = new Map(before)
    for (const [name, value] of Object.entries(expected)) {
      if (value === undefined) wanted.delete(name)
      else wanted.set(name, value)
    }
    assert.deepEqual(new Map([...(after ?? [])].sort()), new Map([...wanted].sort()))
    assert.deepEqual(before, new Map(Object.entries(labels)), 'the labels given stay as they are')
  })
}

test('a missing list has no rules; what is not known here can’t be read', () => {
  assert.deepEqual(readRelabelRules(undefined), [])
  assert.deepEqual(readRelabelRules(null), [])
  for (const text of [
    '{}',
    '[a]',
    '[{action: later}]',
    '[{action: toString}]',
    '[{action: hashmod}]',
    '[{regex: "("}]',
  ]) {
    assert.equal(readRelabelRules(readYaml(text).value), undefined, text)
  }
})
