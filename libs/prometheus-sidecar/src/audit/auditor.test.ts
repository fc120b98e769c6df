import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakePrometheus } from '../../test/testing/fake-prometheus.ts'
import { sample } from '../../test/testing/ingester-rig.ts'
import { AuditTrail, type WatchedSeries } from '../model/audit-trail.ts'
import { encodeLabels } from '../model/labels/labels.ts'
import { Auditor } from './auditor.ts'
import type { Differences } from './compare.ts'

const ROUND_MS = 60_000

/** Watches the gauge `g` for one round, of which nothing was stored, and returns what was reported of it. */
async function auditOf({ isSent }: { readonly isSent: boolean }) {
  const prometheus = new FakePrometheus()
  const scraped = [10_000, 20_000, 30_000].map((at) => sample(`g 1 @${at}`))
  prometheus.add(...scraped)
  let released = 0
  const watched: WatchedSeries = {
    kind: 'gauge',
    isInteger: false,
    trail: new AuditTrail(0),
    labels: encodeLabels(new Map(Object.entries(scraped[0]?.labels ?? {}))),
    parts: () => [],
    settledMs: 30_000,
    reportsStart: false,
    release: () => {
      released += 1
    },
  }
  const reported: { samples: number; differences: Differences }[] = []
  let nowMs = 0
  const auditor = new Auditor({
    ingester: { watch: () => [watched], mayRepeat: false, term: 1 },
    queryPrometheus: prometheus.request,
    externalLabels: () => new Map(),
    isSent: () => isSent,
    observer: {
      audited: ({ samples, differences }) => void reported.push({ samples, differences }),
      notAudited: () => assert.fail('Prometheus has answered'),
    },
    nowMs: () => nowMs,
    roundMs: ROUND_MS,
  })
  await auditor.tick()
  nowMs = ROUND_MS * 2
  await auditor.tick()
  auditor.close()
  return { reported, released }
}

test('samples that were never stored are differences', async () => {
  const { reported, released } = await auditOf({ isSent: true })
  assert.deepEqual(
    reported.map(({ samples }) => samples),
    [3],
  )
  assert.equal(
    reported.flatMap(({ differences }) => Object.values(differences)).reduce((sum, count) => sum + count, 0),
    3,
  )
  assert.equal(released, 1)
})

test('a series that a reload of Prometheus’ configuration has excluded meanwhile is not compared', async () => {
  assert.deepEqual(await auditOf({ isSent: false }), { reported: [], released: 1 })
})
