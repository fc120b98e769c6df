import assert from 'node:assert/strict'
import { it } from 'node:test'
import { MAX_MESSAGE_BYTES } from '../protocol/messages.ts'
import { Tally } from '../results/tally.ts'
import { RunLedger } from './run-ledger.ts'

function tallyOf(series: number): Tally {
  const tally = new Tally({ maximumSeries: 200 })
  tally.arrivals = series
  for (let index = 0; index < series; index++) {
    const one = tally.seriesOf('GET', `/a/long/path/of/a/service/${index}`)
    for (let count = 0; count < 20; count++) {
      one.addEnd({ durationMs: 2 ** (count / 2), firstByteMs: 1, status: 200, error: undefined, bytes: 1 })
    }
  }
  return tally
}

it('hands over the sum of all reports, and each window once', () => {
  const ledger = new RunLedger(200)
  assert.deepEqual([ledger.add(tallyOf(2)), ledger.add(tallyOf(3))], [1, 2])
  ledger.keepUnsent(1000, tallyOf(2))
  ledger.keepUnsent(1000, tallyOf(3))
  const { sequence, tally, unsentWindows } = ledger.handOver()
  assert.deepEqual([sequence, tally.requests, unsentWindows.length], [2, 100, 1])
  const [window] = unsentWindows
  assert.equal(window?.tally.total().latency.count, 100)
  assert.deepEqual(ledger.handOver().unsentWindows, [])
})

it('stays within the maximum message size, however many series there are and however long there was no master', () => {
  const ledger = new RunLedger(200)
  const tally = tallyOf(200)
  for (let second = 0; second < 2000; second++) ledger.keepUnsent(second * 1000, tally)
  ledger.add(tally)
  const handedOver = ledger.handOver()
  assert.ok(JSON.stringify(handedOver).length < MAX_MESSAGE_BYTES / 2)
  assert.equal(handedOver.unsentWindows.at(-1)?.windowMs, 1_999_000)
})

it('counts from 0 after a reset', () => {
  const ledger = new RunLedger(200)
  ledger.add(tallyOf(4))
  ledger.reset()
  assert.equal(ledger.handOver().tally.requests, 0)
})
