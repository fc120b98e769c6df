import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashFraction, xxhash64 } from './label-hash.ts'
import { compareText, Labels } from './labels.ts'
import { Matcher } from './matcher.ts'

test('labels are sorted, and empty ones are dropped', () => {
  const labels = Labels.from({ b: '1', a: '2', c: '' })
  assert.equal(String(labels), '{a="2", b="1"}')
  assert.equal(labels.key, Labels.from([...labels].reverse()).key)
  assert.equal(labels.with('b', '').size, 1)
  assert.notEqual(Labels.from({ a: 'b1:c' }).key, Labels.from({ a: 'b', '1': 'c' }).key)
})

test('strings are compared by their UTF-8 bytes', () => {
  assert.ok(compareText('\uffff', '\u{10000}') < 0)
  assert.ok(compareText('a', 'ab') < 0)
  assert.ok(Labels.compare(Labels.from({ a: '1' }), Labels.from({ a: '1', b: '1' })) < 0)
})

/** From the reference implementation. */
const HASHES: readonly (readonly [text: string, hash: string])[] = [
  ['', 'ef46db3751d8e999'],
  ['a', 'd24ec4f1a98c6e5b'],
  ['as', '1c330fb2d66be179'],
  ['asdf', '415872f599cea71e'],
  ['Call me Ishmael. Some years ago--never mind how long precisely-', '02a2e85470d6fd96'],
]

for (const [text, hash] of HASHES) {
  test(`the hash of ${JSON.stringify(text)} is xxHash's`, () => {
    assert.equal(xxhash64(new TextEncoder().encode(text)).toString(16).padStart(16, '0'), hash)
  })
}

test('the hash of labels is a fraction', () => {
  const fraction = hashFraction(Labels.from({ a: 'x'.repeat(300) }))
  assert.ok(fraction >= 0 && fraction < 1)
})

const MATCHES: readonly (readonly [matcher: Matcher, value: string, matches: boolean])[] = [
  [new Matcher('a', '=~', 'x|y'), 'y', true],
  [new Matcher('a', '=~', 'x|y'), 'xy', false],
  [new Matcher('a', '=~', '.+'), 'two\nlines', true],
  [new Matcher('a', '=~', 'a.*b'), 'a\nb', true],
  [new Matcher('a', '!~', '.*'), '', false],
  [new Matcher('a', '!=', ''), '', false],
  [new Matcher('a', '=~', '(?i)up'), 'UP', true],
]

for (const [matcher, value, matches] of MATCHES) {
  test(`${matcher} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(value)}`, () => {
    assert.equal(matcher.matches(value), matches)
  })
}

test('expressions that are invalid or too large are rejected', () => {
  assert.throws(() => new Matcher('a', '=~', '('), { name: 'RegexpError' })
  assert.throws(() => new Matcher('a', '=~', '(?=a)'), { name: 'RegexpError' })
  assert.throws(() => new Matcher('a', '=~', '(.{100}){100}'), { name: 'RegexpError' })
})
