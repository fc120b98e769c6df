import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LogSender } from './log-sender.ts'

describe('LogSender', () => {
  it('sends lines together, without empty ones', () => {
    const sent: (readonly string[])[] = []
    const sender = new LogSender((lines) => sent.push(lines))
    sender.add('one\n\ntwo\n')
    sender.add('three')
    sender.flush()
    sender.flush()
    assert.deepEqual(sent, [['one', 'two', 'three']])
  })

  it('leaves out what is too much, and says how much', () => {
    let sent: readonly string[] = []
    const sender = new LogSender((lines) => {
      sent = lines
    })
    for (let index = 0; index < 1000; index++) sender.add(`${index} ${'x'.repeat(5000)}`)
    sender.flush()
    assert.equal(sent.length, 51)
    assert.ok(sent.every((line) => line.length <= 1000))
    assert.equal(sent.at(-1), '… 950 more lines')
  })
})
