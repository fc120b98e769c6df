import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { batchOf, type Sent, type Sidecar, sample, startSidecar } from '../../test/testing/ingester-rig.ts'
import type { DropReason } from '../convert/drop-reason.ts'
import { parseSelector } from '../convert/selector.ts'

interface Case {
  readonly start?: Parameters<typeof startSidecar>[0]
  readonly before?: (sidecar: Sidecar) => void
  /** Sent first, one batch each. */
  readonly given?: readonly Sent[][]
  /** Batches that each lose one sample of the same series. */
  readonly lost: readonly Sent[][]
}

const texts = (...lines: string[]): Sent[] => lines.map((line) => sample(line))
const labelled = (line: string, labels: Record<string, string>): Sent => {
  const sent = sample(line)
  return { ...sent, labels: { ...sent.labels, ...labels } }
}
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${index}`, 'x']))
const histogram = (at: number, counts: readonly number[], parts = ['count', 'sum']) => [
  ...counts.map((count, index) =>
    sample(`h_bucket{le=${index === counts.length - 1 ? '+Inf' : index}} ${count} @${at}`),
  ),
  ...parts.map((part) => sample(`h_${part} ${counts.at(-1)} @${at}`)),
]
const bounds = (count: number) => Array.from({ length: count }, () => 1)
const refuse = (sidecar: Sidecar) => {
  sidecar.api.write = () => {
    throw Object.assign(new Error('Value type for metric T must be INT64, but is DOUBLE.'), { code: 3 })
  }
}

const CASES: Readonly<
  Record<Exclude<DropReason, 'too_many_series' | 'native_histogram' | 'buffer_full' | 'standby'>, Case>
> = {
  target_not_found: { lost: [texts('g{job=other} 1 @1000'), texts('g{job=other} 1 @2000')] },
  metadata_not_found: { lost: [texts('unheard 1 @1000'), texts('unheard 1 @2000')] },
  unknown_resource: {
    start: { resourceDefaults: { genericLocation: '' } },
    lost: [texts('g 1 @1000'), texts('g 1 @2000')],
  },
  unexpected_metric_type: { lost: [texts('h 1 @1000'), texts('h 1 @2000')] },
  too_many_labels: { lost: [[labelled('g 1 @1000', many(31))], [labelled('g 1 @2000', many(31))]] },
  label_too_long: {
    lost: [[labelled('g 1 @1000', { a: 'x'.repeat(1025) })], [labelled('g 1 @2000', { a: 'x'.repeat(1025) })]],
  },
  metric_name_invalid: {
    lost: [[labelled('g 1 @1000', { __name__: 'a:b' })], [labelled('g 1 @2000', { __name__: 'a:b' })]],
  },
  labels_invalid: { lost: [texts('h_bucket{le=x} 1 @1000'), texts('h_bucket{le=x} 1 @2000')] },
  excluded: {
    start: { rules: { include: [parseSelector('other')] } },
    lost: [texts('g 1 @1000'), texts('g 1 @2000')],
  },
  nan: { lost: [texts('g NaN @1000'), texts('g NaN @2000')] },
  infinite: { lost: [texts('c_total Infinity @1000'), texts('c_total Infinity @2000')] },
  timestamp_invalid: {
    lost: [[{ ...sample('g 1 @1'), timestampMs: -1 }], [{ ...sample('g 1 @1'), timestampMs: 2 ** 60 }]],
  },
  first_sample: { lost: [texts('c_total 1 @1000')] },
  too_frequent: {
    start: { rules: { minSamplingPeriodMs: 5000 } },
    given: [texts('g 1 @1000')],
    lost: [texts('g 1 @2000'), texts('g 1 @3000')],
  },
  thinned: {
    start: { rules: { intervals: [{ selector: parseSelector('g'), periodMs: 60_000 }] } },
    given: [texts('g 1 @1000')],
    lost: [texts('g 1 @2000'), texts('g 1 @3000')],
  },
  out_of_order: {
    start: { wholeScrapes: true },
    given: [texts('g 1 @9000')],
    lost: [texts('g 1 @8000'), texts('g 1 @7000')],
  },
  too_many_buckets: {
    start: { wholeScrapes: true },
    given: [histogram(1000, bounds(201))],
    lost: [histogram(2000, bounds(201)), histogram(3000, bounds(201))],
  },
  histogram_incomplete: {
    start: { wholeScrapes: true },
    lost: [histogram(1000, [1, 1], ['sum']), histogram(2000, [1, 1], ['sum'])],
  },
  histogram_inconsistent: {
    start: { wholeScrapes: true },
    given: [histogram(1000, [0, 0, 0])],
    lost: [histogram(2000, [3, 2, 4]), histogram(3000, [4, 3, 5])],
  },
  refused: { before: refuse, lost: [texts('g 1 @1000'), texts('g 1 @2000')] },
}

describe('each sample that yields no point is counted by reason, and its series is logged once', () => {
  for (const [reason, { start, before, given = [], lost }] of Object.entries(CASES)) {
    it(reason, async () => {
      const sidecar = await startSidecar(start)
      before?.(sidecar)
      const take = (sent: readonly Sent[]) => sidecar.ingester.ingest(batchOf(sent), { deadlineMs: 30_000 })
      for (const sent of given) await take(sent)
      const isReason = (line: string) => line.startsWith(`${reason} `)
      for (const [index, sent] of lost.entries()) {
        await take(sent)
        assert.equal(Object.fromEntries(sidecar.drops)[reason], index + 1)
        assert.equal(sidecar.warned.filter(isReason).length, 1)
      }
    })
  }
})

it('the README explains each reason', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  for (const reason of [...Object.keys(CASES), 'too_many_series', 'native_histogram', 'buffer_full', 'standby']) {
    assert.ok(readme.includes(`\`${reason}\``), reason)
  }
})
