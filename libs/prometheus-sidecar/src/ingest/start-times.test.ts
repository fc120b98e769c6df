import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { passLearning, send, startSidecar, stored } from '../../test/testing/ingester-rig.ts'

describe('start times', () => {
  it('are read from _created, wherever it is in the request', async () => {
    const sidecar = await startSidecar()
    await send(
      sidecar,
      'c_total{a=1} 5 @9000',
      'c_created{a=1} 2.5 @9000',
      'c_created{a=2} 3 @9000',
      'c_total{a=2} 1 @9000',
    )
    assert.deepEqual(stored(sidecar), { 'c a=1': ['2500..9000 5'], 'c a=2': ['3000..9000 1'] })
    assert.equal(sidecar.drops.size, 0)
  })

  it('turn a baseline into a point if _created comes in a later request', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_total 5 @9000')
    await send(sidecar, 'c_created 2.5 @9000')
    await send(sidecar, 'c_total 7 @19000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5', '2500..19000 7'] })
  })

  it('are remembered if _created comes before its series', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_created 2.5 @9000')
    await send(sidecar, 'c_total 5 @9000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5'] })
  })

  it('cause a reset when _created changes, even if the value did not fall', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_created 2.5 @9000', 'c_total 5 @9000')
    await send(sidecar, 'c_created 12 @19000', 'c_total 6 @19000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5', '12000..19000 6'] })
  })

  it('cause the reset at the sample that came with the new _created, even if that arrives before an earlier sample', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_created 2.5 @9000', 'c_total 5 @9000')
    await send(sidecar, 'c_created 25 @29000')
    await send(sidecar, 'c_total 8 @19000')
    await send(sidecar, 'c_total 9 @29000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5', '2500..19000 8', '25000..29000 9'] })
  })

  const TABLE: readonly {
    readonly title: string
    /** Batches of samples; each string is `value @time`, and `start` stands for `_created`. */
    readonly batches: readonly (readonly string[])[]
    readonly expected: readonly string[]
    /** Points that the API has but the state does not. */
    readonly before?: readonly string[]
  }[] = [
    {
      title: 'reported late after a fall: the same reset',
      batches: [['start 2.5 @9000', '120 @9000'], ['5 @19000'], ['start 12 @29000', '8 @29000'], ['9 @39000']],
      expected: ['2500..9000 120', '18999..19000 5', '18999..29000 8', '18999..39000 9'],
    },
    {
      title: 'reported late after a fall by a clock that is ahead: the same reset',
      batches: [['start 2.5 @9000', '120 @9000'], ['5 @19000'], ['start 21 @29000', '8 @29000']],
      expected: ['2500..9000 120', '18999..19000 5', '18999..29000 8'],
    },
    {
      title: 'reported in time after a fall: a second reset',
      batches: [
        ['start 2.5 @9000', '120 @9000'],
        ['5 @19000', 'start 12 @19000'],
        ['start 22 @29000', '8 @29000'],
      ],
      expected: ['2500..9000 120', '12000..19000 5', '22000..29000 8'],
    },
    {
      title: 'reported for a later sample while samples before it are filled in: one reset where the value fell',
      batches: [
        ['start 1 @9000', '100 @9000'],
        ['start 16 @29000'],
        ['start 1 @15000', '110 @15000', 'start 16 @19000', '12 @19000'],
        ['20 @29000'],
      ],
      expected: ['1000..9000 100', '1000..15000 110', '16000..19000 12', '16000..29000 20'],
    },
    {
      title: 'reported for a later sample, while those in between never arrive: one reset where the value fell',
      batches: [['start 1 @9000', '110 @9000'], ['start 12 @29000'], ['12 @19000'], ['20 @29000']],
      expected: ['1000..9000 110', '18999..19000 12', '18999..29000 20'],
    },
    {
      title: 'two restarts in one batch, each reported with its samples',
      batches: [
        ['start 1 @9000', '10 @9000'],
        ['start 12 @19000', '3 @19000', 'start 22 @29000', '4 @29000', '6 @39000'],
      ],
      expected: ['1000..9000 10', '12000..19000 3', '22000..29000 4', '22000..39000 6'],
    },
    {
      title: 'reported again by a clock that is behind, although the value rose: a reset',
      batches: [
        ['start 2.5 @9000', '5 @9000'],
        ['start 8.5 @19000', '6 @19000'],
      ],
      expected: ['2500..9000 5', '18999..19000 6'],
    },
    {
      title: 'reported for a series whose start is refused: a baseline, from which later samples count',
      before: ['2000..8000 22'],
      batches: [['start 2.5 @9000', '22 @9000', '27 @19000'], ['30 @29000']],
      expected: ['2000..8000 22', '9000..19000 5', '9000..29000 8'],
    },
    {
      title: 'reported after the baseline of a series whose start is refused: the baseline stays',
      before: ['2000..8000 22'],
      batches: [['22 @9000'], ['start 2.5 @9000'], ['27 @19000']],
      expected: ['2000..8000 22', '9000..19000 5'],
    },
    {
      title: 'reported for a series whose later points were stored before the state was lost: it continues from those',
      before: ['2000..19000 9'],
      batches: [['start 2.5 @9000', '5 @9000', '9 @19000', '14 @29000']],
      expected: ['2000..19000 9', '19001..29000 5'],
    },
  ]
  for (const { title, batches, expected, before = [] } of TABLE) {
    it(title, async () => {
      const sidecar = await startSidecar()
      for (const point of before) sidecar.api.have('c', point)
      for (const batch of batches) {
        await send(
          sidecar,
          ...batch.map((text) => (text.startsWith('start') ? text.replace('start', 'c_created') : `c_total ${text}`)),
        )
      }
      assert.deepEqual(stored(sidecar).c, expected)
    })

    it(`${title} (histogram)`, async () => {
      const sidecar = await startSidecar()
      for (const point of before) sidecar.api.have('h', point)
      const parts = ['h_count', 'h_sum', 'h_bucket{le=1}', 'h_bucket{le=+Inf}']
      for (const batch of batches) {
        await send(
          sidecar,
          ...batch.flatMap((text) =>
            text.startsWith('start') ? [text.replace('start', 'h_created')] : parts.map((part) => `${part} ${text}`),
          ),
        )
        passLearning(sidecar)
        while (sidecar.writer.queuedPoints > 0) await new Promise((resolve) => setTimeout(resolve, 1))
      }
      const points = (stored(sidecar).h ?? []).map((point) => point.replace(/\[(\d+).*/, '$1'))
      assert.deepEqual(points, expected)
    })
  }

  it('cause one reset if the target’s clock is ahead, so that _created is later than the scrape', async () => {
    const sidecar = await startSidecar()
    await send(sidecar, 'c_created 2.5 @9000', 'c_total 5 @9000')
    await send(sidecar, 'c_created 19.5 @19000', 'c_total 1 @19000')
    await send(sidecar, 'c_created 19.5 @29000', 'c_total 4 @29000')
    assert.deepEqual(stored(sidecar), { c: ['2500..9000 5', '18999..19000 1', '18999..29000 4'] })
  })
})
