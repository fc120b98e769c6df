import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseScrapeConfig } from '../config/scrape-config.ts'
import type { Labels } from '../model/labels/labels.ts'
import { scrapeTargets } from './scrape-target.ts'
import { seriesLabels } from './scraped-series.ts'
import { ScrapedTargets } from './scraped-targets.ts'

/** Targets of one job and instance: a, b with an additional label, and c with another path than a. */
function threeTargets() {
  const targets = scrapeTargets(
    parseScrapeConfig(
      `scrape_configs:
        - job_name: j
          static_configs:
            - { targets: ['h:1'] }
            - { targets: ['h:1'], labels: { app: x } }
            - { targets: ['h:1'], labels: { __metrics_path__: /other } }`,
      'test',
    ),
  )
  const [a, b, c] = targets
  assert.ok(a !== undefined && b !== undefined && c !== undefined)
  return { directory: new ScrapedTargets(targets), a, b, c }
}

const labelsOf = (labels: Record<string, string>): Labels => new Map(Object.entries({ __name__: 'm', ...labels }))

test('finds the target that has the most labels of a series', () => {
  const { directory, a, b } = threeTargets()
  assert.equal(directory.find(labelsOf({ job: 'j', instance: 'h:1' })), a)
  assert.equal(directory.find(labelsOf({ job: 'j', instance: 'h:1', app: 'x' })), b)
  assert.equal(directory.find(labelsOf({ job: 'j', instance: 'h:1', app: 'y' })), a)
  assert.equal(directory.find(labelsOf({ job: 'j', instance: 'h:2' })), undefined)
})

test('finds the target that a series came from if its labels don’t identify it', () => {
  const { directory, a, c } = threeTargets()
  const ofOtherPath = labelsOf({ job: 'j', instance: 'h:1', from: 'c' })
  const honoured = seriesLabels(
    'm',
    new Map([
      ['job', 'own'],
      ['instance', ''],
    ]),
    a.labels,
    true,
  )
  assert.equal(directory.find(honoured), undefined)
  directory.noteOrigin(ofOtherPath, c)
  directory.noteOrigin(honoured, a)
  assert.equal(directory.find(ofOtherPath), c)
  assert.equal(directory.find(honoured), a)
})
