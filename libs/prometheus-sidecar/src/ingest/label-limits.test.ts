import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSidecar, stored } from '../../test/testing/ingester-rig.ts'
import { encodeVersion2 } from '../../test/testing/version-2-encoder.ts'
import { encodeWriteRequest, sortedLabels } from '../../test/testing/write-request-encoder.ts'
import { parseScrapeConfig } from '../config/scrape-config.ts'
import type { DropReason } from '../convert/drop-reason.ts'
import { FORMATS } from '../convert/formats/formats.ts'
import type { SampleBatch } from '../model/sample.ts'
import { decodeVersion1 } from '../remote-write/version-1.ts'
import { decodeVersion2 } from '../remote-write/version-2.ts'
import { parseExposition } from '../scrape/exposition-parser.ts'
import { scrapeTargets } from '../scrape/scrape-target.ts'
import { ScrapedSeries } from '../scrape/scraped-series.ts'

type Labels = Readonly<Record<string, string>>

const many = (count: number): Labels => Object.fromEntries(Array.from({ length: count }, (_, at) => [`l${at}`, 'x']))

const UNUSABLE: readonly [what: string, labels: Labels, reason: DropReason][] = [
  ['65 labels', many(65), 'too_many_labels'],
  ['a value of 17 KiB', { l: 'x'.repeat(17 * 1024) }, 'label_too_long'],
  ['a value of 17 KiB that is not ASCII', { l: 'é'.repeat(9 * 1024) }, 'label_too_long'],
  ['labels of 70 KiB', { l: 'x'.repeat(70 * 1024) }, 'labels_invalid'],
  ['a label with a name of 300 characters', { ['l'.repeat(300)]: 'x' }, 'label_too_long'],
  ['a name of 300 characters', { __name__: 'g'.repeat(300) }, 'metric_name_invalid'],
]

const BATCHES: Readonly<Record<string, (all: readonly Labels[], at: number) => SampleBatch>> = {
  'remote_write 1.0': (all, at) =>
    decodeVersion1(
      encodeWriteRequest({
        timeseries: all.map((labels) => ({
          labels: sortedLabels({ ...labels, job: 'j', instance: 'h:1' }),
          samples: [{ value: 1, timestamp: at }],
        })),
      }),
    ).batch,
  'remote_write 2.0': (all, at) =>
    decodeVersion2(
      encodeVersion2({
        timeseries: all.map((labels) => ({
          labels: { ...labels, job: 'j', instance: 'h:1' },
          samples: [{ value: 1, timestamp: at }],
        })),
      }),
    ).batch,
  scrape(all, at) {
    const yaml = "scrape_configs: [{ job_name: j, static_configs: [{ targets: ['h:1'] }] }]"
    const [target] = scrapeTargets(parseScrapeConfig(yaml, 'x'))
    assert.ok(target)
    const observer = { seriesAdded() {}, seriesDropped() {}, sampleDropped() {}, exemplarDropped() {} }
    const lines = all.map(({ __name__: name, ...labels }) => {
      const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
      return `${name}{${pairs.join(',')}} 1\n`
    })
    const report = { up: true, durationSeconds: 1, samplesScraped: all.length }
    return new ScrapedSeries(target, observer).batch(parseExposition(lines.join(''), 'text'), at, report)
  },
}

for (const format of ['external', 'gmp'] as const) {
  for (const [protocol, batchOf] of Object.entries(BATCHES)) {
    for (const [what, labels, reason] of UNUSABLE) {
      test(`${what}, by ${protocol} in format ${format}: dropped and counted, and its neighbours are unaffected`, async () => {
        const sidecar = await startSidecar({ rules: { format, metricsPrefix: FORMATS[format].prefix } })
        const odd = { __name__: 'g', ...labels }
        sidecar.targets.types = { ...sidecar.targets.types, [odd.__name__]: 'gauge' }
        for (const at of [10_000, 20_000]) {
          const batch = batchOf([{ __name__: 'g', n: '1' }, odd, { __name__: 'g', n: '2' }], at)
          await sidecar.ingester.ingest(batch, { deadlineMs: 30_000 })
        }
        assert.equal(sidecar.drops.get(reason), 2)
        const lived = Object.entries(stored(sidecar)).filter(([series]) => /\bn=/.test(series))
        assert.deepEqual(
          lived.map(([, points]) => points),
          [
            ['10000 1', '20000 1'],
            ['10000 1', '20000 1'],
          ],
        )
      })
    }
  }
}
