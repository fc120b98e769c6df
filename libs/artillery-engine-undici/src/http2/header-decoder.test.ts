import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HeaderDecoder } from './header-decoder.ts'
import { encodeHeaders } from './header-encoder.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

describe('header blocks', () => {
  test('the examples of RFC 7541, C.3 and C.4, on one connection each', () => {
    const first = [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'www.example.com']
    const third = [':method', 'GET', ':scheme', 'https', ':path', '/index.html', ':authority', 'www.example.com']
    const expected = [first, [...first, 'cache-control', 'no-cache'], [...third, 'custom-key', 'custom-value']]
    const plain = [
      '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '8286 84be 5808 6e6f 2d63 6163 6865',
      '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
    ]
    const huffman = [
      '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
      '8286 84be 5886 a8eb 1064 9cbf',
      '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
    ]
    for (const blocks of [plain, huffman]) {
      const decoder = new HeaderDecoder(1000)
      assert.deepEqual(
        blocks.map((block) => decoder.decode(bytes(block))),
        expected,
      )
    }
  })

  const invalid = [
    { name: 'field 0', block: '80' },
    { name: 'a field that no table has', block: 'be' },
    { name: 'a cut number', block: 'ff' },
    { name: 'a number that is too large', block: 'ffffffffffffffff7f' },
    { name: 'a cut string', block: '000361' },
    { name: 'padding of 8 bits', block: '0081ff8161' },
    { name: 'padding that is not all ones', block: '00811800' },
    { name: 'the end of a string inside it', block: '0084ffffffff00' },
    { name: 'a table that is too large', block: '3fe2ff03' },
    { name: 'another size after a field', block: '8220' },
  ]
  for (const { name, block } of invalid) {
    test(`refused: ${name}`, () => {
      assert.throws(() => new HeaderDecoder(1000).decode(bytes(block)), RangeError)
    })
  }

  test('a smaller table forgets its oldest fields', () => {
    const decoder = new HeaderDecoder(1000)
    decoder.decode(bytes('4001610162'))
    assert.deepEqual(decoder.decode(bytes('be')), ['a', 'b'])
    assert.throws(() => decoder.decode(bytes('20be')), RangeError)
  })

  test('a list that is too long is not kept, but its fields enter the table', () => {
    const decoder = new HeaderDecoder(40)
    assert.equal(decoder.decode(bytes('4001610162 4001630164')), undefined)
    assert.deepEqual(decoder.decode(bytes('bf')), ['a', 'b'])
  })

  test('what is encoded is decoded again', () => {
    const fields = [
      ...[':method', 'POST', ':path', `/${'x'.repeat(300)}`, 'accept-encoding', 'gzip, deflate'],
      ...['x-latin', 'grün', 'cookie', '', 'content-type', 'application/json'],
    ]
    const block = Buffer.from(encodeHeaders(fields), 'latin1')
    assert.deepEqual(new HeaderDecoder(10_000).decode(block), fields)
  })

  test('headers that would split the request are refused', () => {
    for (const field of [
      ['x-a', 'b\r\nc: d'],
      ['x a', 'b'],
      ['', 'b'],
      ['X-A', 'b'],
    ])
      assert.throws(() => encodeHeaders(field), { code: 'ERR_HEADER' })
  })
})
