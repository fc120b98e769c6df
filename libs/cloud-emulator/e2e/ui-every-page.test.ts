import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { assertAccessible, assertNothingCutInSilence, keepPicture } from '@node-to-cloud/browser-kit/testing'
import type { Browser } from 'playwright-core'
import { historyFor } from './dashboard-history.ts'
import { otlpTrace, post, timeSeriesAt, writeHistory } from './ui-history.ts'
import {
  chartInk,
  type EmulatorProcess,
  layoutShift,
  NO_BROWSER,
  openPage,
  startBrowser,
  startEmulatorProcess,
} from './ui-session.ts'

const DASHBOARDS_DIR = fileURLToPath(new URL('../../../deploy/dashboards/', import.meta.url))
const POLICIES_DIR = fileURLToPath(new URL('../../../deploy/alerts/', import.meta.url))
const PROJECT = 'demo-project'
const TRACE = '0af7651916cd43dd8448eb211c80319c'

interface DashboardFile {
  readonly id: string
  readonly tiles: readonly { readonly widget: Readonly<Record<string, unknown>> & { readonly title?: string } }[]
}

describe('every page, with data', { skip: NO_BROWSER, timeout: 900_000 }, () => {
  let emulator: EmulatorProcess
  let browser: Browser
  let dashboards: DashboardFile[] = []
  const nowMs = Date.now()

  before(async () => {
    emulator = await startEmulatorProcess(['--dashboards', DASHBOARDS_DIR, '--policies', POLICIES_DIR])
    browser = await startBrowser()
    const files = (await readdir(DASHBOARDS_DIR)).filter((file) => file.endsWith('.json')).sort()
    const documents = await Promise.all(
      files.map(async (file) => JSON.parse(await readFile(`${DASHBOARDS_DIR}${file}`, 'utf8'))),
    )
    dashboards = documents.map((document, index) => ({
      id: (files[index] ?? '').replace('.json', ''),
      tiles: document.mosaicLayout.tiles,
    }))
    const series = historyFor(documents)
    await writeHistory(emulator.origin, PROJECT, series, { fromMs: nowMs - 900_000, toMs: nowMs, stepMs: 15_000 })
    await post(`${emulator.origin}/v1/traces`, otlpTrace(TRACE, nowMs - 60_000, 40, true))
    for (let index = 1; index <= 30; index++)
      await post(
        `${emulator.origin}/v1/traces`,
        otlpTrace(`${TRACE.slice(2)}${index + 10}`, nowMs - index * 20_000, index, false),
      )
    const severities = ['INFO', 'WARNING', 'ERROR']
    await post(`${emulator.origin}/v2/entries:write`, {
      logName: `projects/${PROJECT}/logs/app`,
      resource: { type: 'global' },
      entries: severities.map((severity, index) => ({
        severity,
        timestamp: new Date(nowMs - index * 1000).toISOString(),
        jsonPayload: { message: `request ${index}` },
      })),
    })
    const [one] = series
    const late = one ? timeSeriesAt([one], 1, nowMs - 1_000_000, nowMs - 950_000, PROJECT) : []
    await assert.rejects(post(`${emulator.origin}/v3/projects/${PROJECT}/timeSeries`, { timeSeries: late }), /400/)
  })
  after(async () => {
    await browser?.close()
    await emulator?.stop()
  })

  const pages: readonly (readonly [what: string, hash: string, filled: string])[] = [
    ...['custom-metrics-example', 'flask-app', 'loadtester', 'pipeline'].map(
      (id) => [`the dashboard ${id}`, `#/dashboards/${id}`, '.tile'] as const,
    ),
    ['the list of metrics', '#/metrics', '.metric-row'],
    ['a metric', '#/metrics/external.googleapis.com/prometheus/flask_http_request', '.explorer-table tbody tr'],
    ['the list of traces', '#/traces', '.trace-row'],
    ['a trace', `#/traces/${TRACE}`, '.span-row'],
    ['the service map', '#/traces?view=map', '.map-service'],
    ['a query in PromQL', '#/metrics?tab=promql&query=vector(1)', '.promql-table tbody tr'],
    ['the logs', '#/logs', '.log-row'],
    ['the alerts', '#/alerts', '.alert-row[name=policy]'],
    ['the writes', '#/writes', '.refusal'],
  ]

  for (const [what, hash, filled] of pages) {
    for (const { width, height, dark } of [
      { width: 1440, height: 900, dark: false },
      { width: 1024, height: 768, dark: true },
      { width: 390, height: 780, dark: true },
    ]) {
      it(`${what}, ${width} pixels wide, ${dark ? 'dark' : 'light'}: drawn, within its width, and nothing jumps`, async (t) => {
        const { page, assertClean } = await openPage(browser, emulator.origin, hash, { width, height, dark })
        assert.ok((await page.locator(filled).count()) > 0, filled)
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width)
        for (const chart of await chartInk(page))
          assert.ok(chart.ink > 50, `${chart.title} has ${chart.ink} coloured pixels`)
        const [background = '', text = ''] = await page.evaluate(() => {
          const { backgroundColor, color } = getComputedStyle(document.body)
          return [backgroundColor, color]
        })
        const brightness = (color: string): number =>
          (color.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, one) => sum + Number(one), 0)
        assert.equal(brightness(background) < brightness(text), dark, `${text} on ${background}`)
        const shift = await layoutShift(page)
        t.diagnostic(`layout shift ${shift.toFixed(3)}`)
        assert.ok(shift < 0.02, `${shift}`)
        await assertAccessible(page, what)
        await assertNothingCutInSilence(page, what)
        await keepPicture(page, `emulator/${what}-${width}`.replaceAll(' ', '-'))
        assertClean()
        await page.close()
      })
    }
  }

  it('of the dashboards every widget is drawn: charts, heatmaps, numbers with their spark lines, tables, text', async () => {
    for (const { id, tiles } of dashboards) {
      const { page } = await openPage(browser, emulator.origin, `#/dashboards/${id}?refresh=0`)
      const titles = await page.locator('.tile-title, .section-header h2, .group summary').allTextContents()
      assert.deepEqual(titles.sort(), tiles.map(({ widget }) => widget.title).sort(), id)
      const empty = await page.locator('.tile:has(.widget-message:not([hidden])) .tile-title').allTextContents()
      assert.deepEqual(empty, [], `${id}: nothing to draw`)
      assert.equal(await page.locator('[data-undrawn], [data-unsupported]').count(), 0, id)
      const count = (kind: string): number => tiles.filter(({ widget }) => widget[kind] !== undefined).length
      assert.equal((await chartInk(page)).length, count('xyChart'), id)
      const numbers = await page.locator('.scorecard-value').allTextContents()
      assert.equal(numbers.length, count('scorecard'), id)
      for (const number of numbers) assert.match(number, /\d/, id)
      for (const path of await page
        .locator('.spark-area, .gauge-value')
        .evaluateAll((paths) => paths.map((one) => one.getAttribute('d'))))
        assert.match(path ?? '', /^M/, id)
      for (const table of await page.locator('.widget-table').all())
        assert.ok((await table.locator('tbody tr').count()) > 0, id)
      assert.equal(await page.locator('.widget-table').count(), count('timeSeriesTable'), id)
      assert.equal(await page.locator('.widget-text').count(), count('text'), id)
      assert.equal(await page.locator('.widget-logs').count(), count('logsPanel'), id)
      await page.close()
    }
  })
})
