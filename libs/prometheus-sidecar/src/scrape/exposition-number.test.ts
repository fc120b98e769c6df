import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../../test/testing/seeded-random.ts'
import { LineNumberReader } from './exposition-number.ts'

describe('LineNumberReader', () => {
  const reader = new LineNumberReader()

  for (const number of [
    '0',
    '-0',
    '7',
    '007',
    '5.',
    '1.25',
    '-0.1',
    '1e3',
    '1.5E-05',
    '123456789012345',
    '-1234567.89012345',
    '9007199254740993',
    '0.30000000000000004',
    '1e400',
    '9'.repeat(400),
  ]) {
    it(`reads ${number.slice(0, 20)} as JavaScript does`, () => {
      assert.equal(reader.read(`a ${number}\nb 1\n`, 2), Number(number))
      assert.equal(reader.lineEnd, number.length + 2)
    })
  }

  for (const text of [
    '',
    '1',
    '1 2\n',
    '1\r\n',
    '-\n',
    '+1\n',
    '.5\n',
    '1e\n',
    '1e+\n',
    '1x\n',
    'NaN\n',
    '1.2.3\n',
    '0x1\n',
    '1 # {} 1\n',
  ]) {
    it(`leaves ${JSON.stringify(text)} to the general parser`, () => assert.equal(reader.read(text, 0), undefined))
  }

  it('reads any decimal number as JavaScript does', () => {
    const random = seededRandom(3)
    const digits = (most: number) => Array.from({ length: random.below(most) }, () => random.below(10)).join('')
    for (let round = 0; round < 20_000; round++) {
      const number = `${random.below(2) === 0 ? '-' : ''}${random.below(10)}${digits(18)}${random.below(3) === 0 ? '' : `.${digits(18)}`}`
      assert.equal(reader.read(`${number}\n`, 0), Number(number), number)
    }
  })
})
