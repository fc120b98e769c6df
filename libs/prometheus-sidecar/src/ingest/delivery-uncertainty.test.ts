import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NoJournal } from '../state/no-journal.ts'
import { DeliveryUncertainty } from './delivery-uncertainty.ts'

const CASES: readonly (readonly [title: string, savedMs: number | undefined, expectedMs: number])[] = [
  ['before the samples of this sidecar counts from their start', 100_000, 500_000],
  ['within them counts from then', 600_000, 600_000],
  ['does not begin with them', undefined, Number.NaN],
]

for (const [title, savedMs, expectedMs] of CASES) {
  test(`uncertainty ${title}`, () => {
    const saved = { series: [], documents: new Map([['uncertain-from', savedMs]]) }
    const uncertainty = new DeliveryUncertainty({ journal: new NoJournal() }, () => 0, saved)
    uncertainty.startFrom(500_000)
    assert.equal(uncertainty.uncertainFromMs, expectedMs)
  })
}
