import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Tally } from './tally.ts'
import { decodeTally, encodeTally, TallyError } from './tally-codec.ts'

function sample(offset: number): Tally {
  const tally = new Tally()
  tally.arrivals = 3 + offset
  tally.usersCompleted = 2
  tally.lag.add(1 + offset)
  tally.addError('ETIMEDOUT')
  tally.addCounter('emails', offset)
  tally.addHistogram('size', offset + 1)
  const series = tally.seriesOf('GET', '/')
  series.addEnd({ durationMs: 10 + offset, firstByteMs: 5, status: 200, error: undefined, bytes: 12 })
  series.addEnd({ durationMs: 30, firstByteMs: 8, status: 503, error: undefined, bytes: 0 })
  return tally
}

describe('Tally', () => {
  it('adds up to the same in whatever pieces and order it is merged', () => {
    const forwards = new Tally()
    const backwards = new Tally()
    const pieces = [0, 1, 2, 3].map(sample)
    for (const piece of pieces) forwards.merge(piece)
    const half = new Tally()
    half.merge(sample(3))
    half.merge(sample(2))
    backwards.merge(sample(1))
    backwards.merge(half)
    backwards.merge(sample(0))
    const normal = (tally: Tally): unknown => ({ ...encodeTally(tally), arrivals: tally.arrivals })
    assert.deepEqual(normal(forwards), normal(backwards))
    assert.equal(forwards.total().requests, 8)
    assert.equal(forwards.total().failures, 4)
  })

  it('survives JSON unchanged', () => {
    const tally = sample(4)
    const copy = decodeTally(JSON.parse(JSON.stringify(encodeTally(tally))))
    assert.deepEqual(encodeTally(copy), encodeTally(tally))
  })

  it('counts a status of 400 or above, and a missing response, as failed', () => {
    const series = new Tally().seriesOf('GET', '/')
    for (const [status, error] of [
      [200, undefined],
      [302, undefined],
      [404, undefined],
      [undefined, 'ECONNREFUSED'],
      [200, 'ECONNRESET'],
    ] as const) {
      series.addEnd({ durationMs: 1, firstByteMs: undefined, status, error, bytes: 0 })
    }
    assert.equal(series.failures, 3)
    assert.deepEqual(
      [...series.errors],
      [
        ['HTTP 404', 1],
        ['ECONNREFUSED', 1],
        ['ECONNRESET', 1],
      ],
    )
  })

  it('collects series beyond the maximum in one named other, and loses no requests', () => {
    const tally = new Tally({ maximumSeries: 2 })
    for (let index = 0; index < 10; index++)
      tally
        .seriesOf('GET', `/${index}`)
        .addEnd({ durationMs: 1, firstByteMs: 1, status: 200, error: undefined, bytes: 0 })
    assert.deepEqual(
      [...tally.series.values()].map(({ name, requests }) => [name, requests]),
      [
        ['/0', 1],
        ['/1', 1],
        ['other', 8],
      ],
    )
  })

  it('limits the number of error codes', () => {
    const tally = new Tally()
    for (let index = 0; index < 500; index++) tally.addError(`E${index}`)
    assert.ok(tally.errors.size <= 51)
    assert.equal(
      [...tally.errors.values()].reduce((sum, value) => sum + value, 0),
      500,
    )
  })

  const good = encodeTally(sample(0))
  const bad: readonly { readonly name: string; readonly data: unknown }[] = [
    { name: 'nothing', data: undefined },
    { name: 'a negative count', data: { ...good, arrivals: -1 } },
    { name: 'a count that is text', data: { ...good, arrivals: '3' } },
    { name: 'a broken sketch', data: { ...good, lag: 'x' } },
    { name: 'too many series', data: { ...good, series: Array.from({ length: 20_000 }, () => good.series[0]) } },
    { name: 'a series with too few buckets', data: { ...good, series: [{ ...good.series[0], buckets: [1] }] } },
  ]
  for (const { name, data } of bad) {
    it(`refuses ${name}`, () => {
      assert.throws(() => decodeTally(data), TallyError)
    })
  }
})
