import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { byteSize, formatByteSize, parseByteSize } from './byte-size.ts'
import { duration, formatDuration, parseDuration } from './duration.ts'
import { formatHostPort, listenAddress, parseHostPort } from './host-port.ts'
import { directory, file, text, url } from './scalar-values.ts'

describe('parseDuration', () => {
  const cases: readonly (readonly [text: string, durationMs: number | undefined])[] = [
    ['5s', 5_000],
    ['100ms', 100],
    ['1h30m', 5_400_000],
    ['1d2h', 93_600_000],
    ['1y2w3d', 33_004_800_000],
    ['0', 0],
    ['0s', 0],
    ['', undefined],
    ['5', undefined],
    ['1.5h', undefined],
    ['30m1h', undefined],
    ['1m1m', undefined],
    ['-1h', undefined],
    ['5 s', undefined],
    ['5S', undefined],
    ['999999999y', undefined],
  ]
  for (const [text, expected] of cases) {
    test(`${JSON.stringify(text)}: ${expected}`, () => assert.equal(parseDuration(text), expected))
  }
})

test('a duration is written as it is read', () => {
  for (const text of ['0s', '100ms', '5s', '1m30s', '6h', '7d', '400d1h1m1s1ms']) {
    assert.equal(formatDuration(parseDuration(text) ?? Number.NaN), text)
  }
})

describe('duration', () => {
  const bounded = duration({ min: 60_000, max: 604_800_000, default: 21_600_000 })
  const bare = duration({ bareSeconds: true, max: 3_600_000 })
  test('says its bounds, its default and its grammar', () => {
    assert.equal(bounded.allowed, 'a duration from 1m to 7d, such as 5s or 1h30m')
    assert.equal(bounded.defaultText, '6h')
    assert.match(bounded.grammar ?? '', /1h30m.* 0 needs no unit/)
    assert.equal(bare.allowed, 'a duration of at most 1h, such as 1h30m, or a number of seconds')
    assert.match(bare.grammar ?? '', /A number without a unit is in seconds/)
  })
  for (const [type, text, expected] of [
    [bounded, '90m', 5_400_000],
    [bounded, '59s', undefined],
    [bounded, '8d', undefined],
    [bounded, '90', undefined],
    [bare, '90', 90_000],
    [bare, '1.5', 1_500],
    [bare, '1m', 60_000],
    [bare, '3601', undefined],
    [bare, '1e3', undefined],
  ] as const) {
    test(`${text}: ${expected}`, () => assert.equal(type.parse(text), expected))
  }
})

describe('parseByteSize', () => {
  for (const [text, expected] of [
    ['400Mi', 419_430_400],
    ['1G', 1_000_000_000],
    ['1k', 1000],
    ['33554432', 33_554_432],
    ['0', 0],
    ['1.5Gi', undefined],
    ['1KB', undefined],
    ['400mi', undefined],
    ['-1', undefined],
    ['99999999Ti', undefined],
    ['', undefined],
  ] as const) {
    test(`${JSON.stringify(text)}: ${expected}`, () => assert.equal(parseByteSize(text), expected))
  }
  test('a size is written as it is read', () => {
    for (const text of ['400Mi', '1Gi', '1000', '0', '32Mi']) {
      assert.equal(formatByteSize(parseByteSize(text) ?? Number.NaN), text)
    }
  })
  test('a size has bounds', () => {
    const size = byteSize({ min: 1024, max: 1024 ** 3, default: 32 * 1024 ** 2 })
    assert.equal(size.allowed, 'a size in bytes from 1Ki to 1Gi, such as 400Mi or 1G')
    assert.equal(byteSize({ min: 192 * 1024 ** 2 }).allowed, 'a size in bytes of at least 192Mi, such as 400Mi or 1G')
    assert.equal(byteSize({ max: 1024 }).allowed, 'a size in bytes of at most 1Ki, such as 400Mi or 1G')
    assert.equal(byteSize().allowed, 'a size in bytes, such as 400Mi or 1G')
    assert.equal(size.defaultText, '32Mi')
    assert.equal(size.parse('1023'), undefined)
    assert.equal(size.parse('2Gi'), undefined)
    assert.equal(size.parse('1Gi'), 1024 ** 3)
  })
})

describe('parseHostPort', () => {
  for (const [text, expected] of [
    ['127.0.0.1:8085', { host: '127.0.0.1', port: 8085 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    [':9091', { host: '', port: 9091 }],
    ['my_host-1.example:0', { host: 'my_host-1.example', port: 0 }],
    ['::1:80', undefined],
    ['[localhost]:80', undefined],
    ['[]:80', undefined],
    ['localhost', undefined],
    ['localhost:65536', undefined],
    ['http://localhost:80', undefined],
    ['a b:1', undefined],
  ] as const) {
    test(`${text}: ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(parseHostPort(text), expected)
      if (expected !== undefined) assert.equal(formatHostPort(expected), text)
    })
  }
})

test('a server without a host listens on every address; HOST replaces the default host alone', () => {
  const address = listenAddress({ port: 8085 })
  assert.deepEqual(address.parse(':80'), { host: '0.0.0.0', port: 80 })
  assert.deepEqual(address.fallbackFrom?.({}), { host: '127.0.0.1', port: 8085 })
  assert.deepEqual(address.fallbackFrom?.({ HOST: ' ::1 ' }), { host: '::1', port: 8085 })
  assert.equal(address.defaultText, '127.0.0.1:8085')
})

test('text, paths and URLs', () => {
  assert.equal(text({ minLength: 0 }).parse(''), '')
  assert.equal(text().parse(''), undefined)
  assert.equal(file().parse('a\0b'), undefined)
  assert.equal(file().parse(''), undefined)
  assert.equal(directory().allowed, 'the path of a directory')
  const target = url({ protocols: ['http:', 'https:', 'ws:'], example: 'http://127.0.0.1:8080' })
  assert.equal(target.allowed, 'a URL that begins with http://, https://, or ws://, such as http://127.0.0.1:8080')
  assert.equal(target.parse('ws://x'), 'ws://x')
  assert.equal(target.parse('ftp://x'), undefined)
})
