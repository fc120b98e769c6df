import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type SeededRandom, seededRandom } from '../../test/testing/seeded-random.ts'
import { encodeLabels } from '../model/labels/labels.ts'
import { hashLabels } from '../model/labels/labels-hash.ts'
import { ReferredLabels } from './referred-labels.ts'
import { Symbols } from './symbols.ts'

type Pair = readonly [name: string, value: string]

const encode = (pairs: readonly Pair[]) => encodeLabels(new Map(pairs))

/** The names and values that two label sets have in common, as bits. */
function commonOf(a: readonly Pair[], b: readonly Pair[]): number {
  const others = b.flat()
  return a.flat().reduce((bits, text, index) => (index < 30 && text === others[index] ? bits | (1 << index) : bits), 0)
}

/** Labels of one request, whose symbol table may contain a text twice. */
class Request {
  readonly labels: ReferredLabels
  readonly #refs = new Map<string, number[]>()

  constructor(texts: readonly string[]) {
    const bytes = Buffer.from(texts.join(''))
    const symbols = new Symbols(bytes)
    let at = 0
    for (const [ref, text] of texts.entries()) {
      const end = at + Buffer.byteLength(text)
      symbols.add(at, end)
      at = end
      this.#refs.set(text, [...(this.#refs.get(text) ?? []), ref])
    }
    this.labels = new ReferredLabels(symbols)
  }

  next(pairs: readonly Pair[], random: SeededRandom): void {
    this.labels.next()
    for (const text of pairs.flat()) this.labels.refs.add(random.pick(this.#refs.get(text) ?? [0]))
  }
}

const VALUES = ['a', 'b', 'ab', 'ü'.repeat(63), 'ü'.repeat(64), 'x'.repeat(300)]
const NAMES = Array.from({ length: 18 }, (_, index) => `label_${String.fromCharCode(97 + index)}`)

/** Label sets that have much in common. */
function similarSets(random: SeededRandom): Pair[][] {
  const names = NAMES.slice(0, 1 + random.below(NAMES.length))
  const first = names.map((name): Pair => [name, random.pick(VALUES)])
  return Array.from({ length: 4 }, () => {
    const some = first.map(([name, value]): Pair => [name, random.below(4) === 0 ? random.pick(VALUES) : value])
    return random.below(3) === 0 ? some.filter(() => random.below(8) > 0) : some
  }).filter((pairs) => pairs.length > 0)
}

describe('labels as references', () => {
  it('are the labels that they refer to, whatever those before them are known to share with others', () => {
    const random = seededRandom(11)
    let found = 0
    for (let round = 0; round < 3_000; round++) {
      const sets = similarSets(random)
      const request = new Request(['', ...NAMES, ...VALUES, 'a', 'label_b'])
      const before = random.pick(sets)
      const present = random.pick(sets)
      const known = random.pick(sets)
      const knownBefore = random.pick(sets)
      const bytes = encode(known)
      const bytesBefore = encode(knownBefore)
      request.next(before, random)
      assert.equal(request.labels.are(bytesBefore), encode(before).equals(bytesBefore))
      request.next(present, random)
      const shared = commonOf(knownBefore, known) & random.below(2 ** 30)
      const isFound = request.labels.areAfter(bytesBefore, bytes, shared)
      assert.equal(
        isFound,
        encode(present).equals(bytes),
        JSON.stringify({ before, present, known, knownBefore, shared }),
      )
      if (isFound) found += 1
      const common = request.labels.sharedWith(bytesBefore)
      assert.equal(common & ~commonOf(before, present), 0)
      if (!encode(before).equals(bytesBefore)) assert.equal(common, 0)
    }
    assert.ok(found > 300, `${found}`)
  })

  it('do not share anything with labels that were not found', () => {
    const random = seededRandom(1)
    const request = new Request(['', 'name', 'a', 'b'])
    const a = encode([['name', 'a']])
    const b = encode([['name', 'b']])
    request.next([['name', 'a']], random)
    request.next([['name', 'b']], random)
    assert.equal(request.labels.sharedWith(a), 0)
    assert.equal(request.labels.areAfter(a, a, 3), false)
    assert.equal(request.labels.are(b), true)
    request.next([['name', 'b']], random)
    assert.equal(request.labels.sharedWith(a), 0)
    assert.equal(request.labels.are(a), false)
    request.next([['name', 'b']], random)
    assert.equal(request.labels.sharedWith(b), 0)
  })

  it('are not those with another name', () => {
    const random = seededRandom(1)
    const request = new Request(['', 'name', 'nine', 'a'])
    const bytes = encode([['name', 'a']])
    request.next([['name', 'a']], random)
    assert.equal(request.labels.are(bytes), true)
    request.next([['nine', 'a']], random)
    assert.equal(request.labels.areAfter(bytes, bytes, 3), false)
    assert.equal(request.labels.areAfter(bytes, encode([['nine', 'a']]), 2), true)
  })

  it('share names and values with the series before, by position', () => {
    const random = seededRandom(1)
    const request = new Request(['', 'name', 'a', 'b', 'other'])
    const first: Pair[] = [
      ['name', 'a'],
      ['other', 'b'],
    ]
    request.next(first, random)
    const bytes = encode(first)
    assert.equal(request.labels.are(bytes), true)
    request.next(
      [
        ['name', 'b'],
        ['other', 'b'],
      ],
      random,
    )
    assert.equal(request.labels.sharedWith(bytes), 0b1101)
  })

  it('have the hash of the bytes, and need all their symbols', () => {
    const random = seededRandom(1)
    const request = new Request(['', 'name', 'a'])
    request.next([['name', 'a']], random)
    assert.equal(request.labels.hash, hashLabels(encode([['name', 'a']])))
    assert.equal(request.labels.areResolvable(), true)
    request.labels.refs.add(1)
    assert.equal(request.labels.areResolvable(), false)
    request.labels.refs.add(3)
    assert.equal(request.labels.areResolvable(), false)
    request.labels.next()
    assert.equal(request.labels.areResolvable(), false)
    request.labels.refs.add(1)
    request.labels.refs.add(2)
    assert.equal(request.labels.areResolvable(), true)
  })
})
