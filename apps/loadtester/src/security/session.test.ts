import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SESSION_SECONDS, Sessions } from './session.ts'

const TOKEN = 'token-of-a-test-0123456789'

describe('Sessions', () => {
  it('know their session ids, which do not have the token, also after a restart', () => {
    const id = new Sessions(TOKEN).begin()
    assert.ok(!id.includes(TOKEN))
    assert.ok(new Sessions(TOKEN).has(id))
    assert.notEqual(new Sessions(TOKEN).begin(), id)
  })

  it('end with the token, and after a while', () => {
    let nowMs = Date.now()
    const sessions = new Sessions(TOKEN, () => nowMs)
    const id = sessions.begin()
    assert.ok(!new Sessions(`${TOKEN}x`).has(id))
    nowMs += (SESSION_SECONDS + 1) * 1000
    assert.ok(!sessions.has(id))
  })

  it('know no others', () => {
    const sessions = new Sessions(TOKEN)
    const id = sessions.begin()
    const [nonce = '', , signature = ''] = id.split('.')
    for (const other of [
      '',
      TOKEN,
      `${nonce}.9999999999.${signature}`,
      id.slice(0, -1),
      `${id.slice(0, -1)}~`,
      `${id}a`,
    ])
      assert.ok(!sessions.has(other), other)
  })
})
