import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createTargetPolicy, TargetNotAllowedError } from './target-policy.ts'
import { isToken, resolveToken, TokenError } from './token.ts'

describe('the token', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'loadtester-token-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('is generated once, in a file that only its owner can read', () => {
    const stateDirectory = join(folder, 'state')
    const made = resolveToken({ LOAD_STATE_DIR: stateDirectory })
    assert.ok(made.value.length >= 32)
    assert.equal(statSync(made.source).mode & 0o777, 0o600)
    chmodSync(made.source, 0o644)
    assert.equal(resolveToken({ LOAD_STATE_DIR: stateDirectory }).value, made.value)
    assert.equal(statSync(made.source).mode & 0o777, 0o600, 'it is made private again')
  })

  it('is read from a file or a variable', () => {
    const tokenFile = join(folder, 'secret')
    writeFileSync(tokenFile, 'from-a-secret-0123456789\n')
    assert.equal(
      resolveToken({ LOAD_TOKEN_FILE: tokenFile, LOAD_STATE_DIR: folder }).value,
      readFileSync(tokenFile, 'utf8').trim(),
    )
    assert.equal(
      resolveToken({ LOAD_TOKEN: 'given-token-0123456789', LOAD_STATE_DIR: folder }).value,
      'given-token-0123456789',
    )
  })

  for (const options of [
    { LOAD_TOKEN: 'short' },
    { LOAD_TOKEN: 'with spaces 0123456789' },
    { LOAD_TOKEN_FILE: '/nowhere/token' },
  ]) {
    it(`is refused: ${JSON.stringify(options)}`, () => {
      assert.throws(
        () => resolveToken({ ...options, LOAD_STATE_DIR: folder }),
        (error) => error instanceof TokenError && error.exitCode === 2 && !error.message.includes('0123456789'),
      )
    })
  }

  it('is compared as a whole', () => {
    assert.ok(isToken('abcdef', 'abcdef'))
    for (const wrong of [undefined, '', 'abcde', 'abcdeg', 'abcdefg']) assert.ok(!isToken(wrong, 'abcdef'))
  })
})

describe('targets', () => {
  const check = createTargetPolicy(['http://127.0.0.1:8080/base', 'https://shop.example'])
  for (const [target, allowed] of [
    ['http://127.0.0.1:8080', true],
    ['http://127.0.0.1:8080/other', true],
    ['https://shop.example:443/', true],
    ['http://shop.example', false],
    ['http://127.0.0.1:8081', false],
    ['http://127.0.0.1:8080@evil.example', false],
    ['nonsense', false],
  ] as const) {
    it(`${allowed ? 'may' : 'may not'} be ${target}`, () => {
      if (allowed) check(target)
      else assert.throws(() => check(target), TargetNotAllowedError)
    })
  }
})
