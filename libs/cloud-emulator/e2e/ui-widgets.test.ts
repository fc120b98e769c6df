// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Cloud Monitoring's templates look like this
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import { type HistorySeries, post, timeSeriesAt, writeHistory } from './ui-history.ts'
import {
  chartInk,
  type EmulatorProcess,
  NO_BROWSER,
  openPage,
  pixelsOf,
  startBrowser,
  startEmulatorProcess,
} from './ui-session.ts'

const PROJECT = 'demo-project'
const HOUR_MS = 3_600_000

/** Gauges of three pods; which one is largest changes with the last value written. */
const levels = (values: Readonly<Record<string, number>>): HistorySeries[] =>
  Object.entries(values).map(([name, value]) => ({
    type: 'level',
    metricKind: 'GAUGE',
    valueType: 'DOUBLE',
    labels: { name },
    container: 'pods',
    value: () => value,
  }))

const query = (more: object = {}): object => ({
  timeSeriesFilter: {
    filter: 'metric.type="external.googleapis.com/prometheus/level"',
    aggregation: { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_MEAN' },
    ...more,
  },
})
const chart = (title: string, more: object, timeSeriesQuery = query(), plotType = 'LINE'): object => ({
  title,
  xyChart: { dataSets: [{ timeSeriesQuery, plotType, legendTemplate: '${metric.labels.name}' }], ...more },
})
const many = {
  timeSeriesFilter: {
    filter: 'metric.type="external.googleapis.com/prometheus/many"',
    aggregation: { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_MEAN' },
  },
}
const picked = query({
  pickTimeSeriesFilter: { rankingMethod: 'METHOD_MAX', numTimeSeries: 1, direction: 'TOP' },
})
const widgets = [
  chart('Compared', { timeshiftDuration: '3600s' }),
  chart('Compared with nothing', { timeshiftDuration: '604800s' }),
  chart('Picked', {}, picked),
  chart('Outliers', {}, query({ statisticalTimeSeriesFilter: { rankingMethod: 'METHOD_CLUSTER_OUTLIER' } })),
  chart('PromQL', {}, { prometheusQuery: 'up' }),
  chart('X-ray', { chartOptions: { mode: 'X_RAY' } }),
  chart('Within reach', {
    thresholds: [
      { value: 25, color: 'RED' },
      { value: 15, color: 'YELLOW' },
    ],
  }),
  chart('Out of reach', {
    thresholds: [
      { label: 'page', value: 9000, color: 'RED' },
      { label: 'look', value: 7000, color: 'RED' },
    ],
  }),
  chart('Without', {}),
  chart('Many', {}, many),
  { title: 'Scorecard', scorecard: { timeSeriesQuery: query() } },
  { title: 'Pie', pieChart: { chartType: 'PIE', dataSets: [{ timeSeriesQuery: query() }] } },
]

const place = (widget: object): object => ({ width: 6, height: 4, widget })
const LEVEL = 'external_googleapis_com:prometheus_level'
/** Two views in one tile, one of them in PromQL over a window from a variable. */
const views = {
  displayName: 'Views',
  dashboardFilters: [{ filterType: 'VALUE_ONLY', labelKey: '', templateVariable: 'window', stringValue: '5m' }],
  mosaicLayout: {
    columns: 12,
    tiles: [
      place({ title: 'Levels', singleViewGroup: { displayType: 'TAB' } }),
      place({ title: 'as a pie', pieChart: { chartType: 'PIE', dataSets: [{ timeSeriesQuery: query() }] } }),
      place(chart('as lines', {}, { prometheusQuery: `max_over_time(${LEVEL}[${'$'}{window}])` })),
    ],
  },
}

const dashboardFilters = [{ labelKey: 'team', filterType: 'USER_METADATA_LABEL' }]

describe('the parts of a widget', { skip: NO_BROWSER, timeout: 900_000 }, () => {
  let folder = ''
  let browser: Browser
  let emulator: EmulatorProcess
  const nowMs = Math.floor(Date.now() / 60_000) * 60_000
  const fromMs = nowMs - 2 * HOUR_MS

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ui-widgets-'))
    await writeFile(
      join(folder, 'parts.json'),
      JSON.stringify({ displayName: 'Parts', dashboardFilters, gridLayout: { columns: 2, widgets } }),
    )
    await writeFile(join(folder, 'views.json'), JSON.stringify(views))
    emulator = await startEmulatorProcess(['--dashboards', folder])
    browser = await startBrowser()
    const first = levels({ a: 1, b: 2, c: 3 })
    await writeHistory(emulator.origin, PROJECT, first, { fromMs, toMs: nowMs - HOUR_MS, stepMs: 30_000 })
    const second = levels({ a: 30, b: 20, c: 10 })
    await writeHistory(emulator.origin, PROJECT, second, {
      fromMs: nowMs - HOUR_MS,
      toMs: nowMs - 60_000,
      stepMs: 30_000,
    })
  })
  before(async () => {
    const series = Array.from({ length: 30 }, (_, index): HistorySeries => {
      const labels = { name: `a-series-${index}` }
      const common = { type: 'many', metricKind: 'GAUGE', valueType: 'DOUBLE', container: 'pods' } as const
      return { ...common, labels, value: () => index }
    })
    await writeHistory(emulator.origin, PROJECT, series, { fromMs: nowMs - 300_000, toMs: nowMs, stepMs: 60_000 })
  })
  after(async () => {
    await browser?.close()
    await emulator?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const tile = (page: Page, title: string): Locator =>
    page.locator('.tile', { has: page.getByRole('heading', { name: title, exact: true }) })
  const legendOf = (page: Page, title: string): Promise<string[]> =>
    tile(page, title).locator('.legend-name').allTextContents()
  /** The tooltip in the centre of a tile's plot. */
  const tooltipOf = async (page: Page, title: string): Promise<string> => {
    const plot = tile(page, title).locator('.u-over')
    await plot.scrollIntoViewIfNeeded()
    await plot.hover()
    await page.locator('.tooltip').waitFor({ state: 'visible' })
    return (await page.locator('.tooltip').textContent()) ?? ''
  }

  it('timeshiftDuration draws the earlier hour in addition to this one, on the same time axis', async () => {
    const { page, assertClean } = await openPage(browser, emulator.origin, `#/dashboards/parts?range=30m&refresh=0`)
    const names = ['a', 'b', 'c']
    const box = await tile(page, 'Compared').boundingBox()
    assert.ok(box && box.height > 200 && box.height < 400, `a tile of a grid is ${box?.height} px high`)
    assert.deepEqual(await legendOf(page, 'Compared'), [...names, ...names.map((name) => `${name} (1 hour before)`)])
    assert.equal(await tile(page, 'Compared').locator('.swatch-dashed').count(), 3)
    const colors = await tile(page, 'Compared')
      .locator('.swatch')
      .evaluateAll((swatches) => swatches.map((swatch) => getComputedStyle(swatch).backgroundColor))
    assert.deepEqual(colors.slice(0, 3), colors.slice(3))
    const said = await tooltipOf(page, 'Compared')
    assert.match(said, /a30\.?0*b20\.?0*c10\.?0*c \(1 hour before\)3\.?0*b \(1 hour before\)2\.?0*a \(1 hour before\)1/)
    assertClean()
    await page.close()
  })

  it('a tile says if a comparison has no data or is not supported', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/dashboards/parts?range=30m&refresh=0')
    assert.equal(
      await tile(page, 'Compared with nothing').locator('.widget-chart').getAttribute('data-more'),
      'no data from 1 week before',
    )
    assert.match((await tile(page, 'X-ray').locator('[data-undrawn]').textContent()) ?? '', /chartOptions.mode X_RAY/)
    assert.equal(await tile(page, 'Compared').locator('[data-undrawn]').count(), 0)
    await page.close()
  })

  it('thresholds are drawn in their colours; those out of range are labelled, each on its own line', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/dashboards/parts?range=30m&refresh=0')
    const critical = (title: string) => pixelsOf(tile(page, title), 'critical')
    const warning = (title: string) => pixelsOf(tile(page, title), 'warning')
    for (const title of ['Without', 'Out of reach']) assert.equal((await warning(title)).count, 0, title)
    assert.equal((await critical('Without')).count, 0)
    assert.ok((await critical('Within reach')).count > 100)
    assert.ok((await warning('Within reach')).count > 100)
    const { count, rows } = await critical('Out of reach')
    assert.ok(count > 20 && rows > 16 && rows < 40, `${count} pixels in ${rows} rows: two lines of text`)
    await page.close()
  })

  it('a legend shows how many names do not fit, and can show them', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/dashboards/parts?range=30m&refresh=0')
    const more = tile(page, 'Many').locator('.legend-more')
    assert.equal(await tile(page, 'Within reach').locator('.legend-more').isVisible(), false)
    const list = tile(page, 'Many').locator('.legend-list')
    const seen = (): Promise<number> =>
      list.evaluate((element) => {
        const { bottom } = element.getBoundingClientRect()
        return [...element.children].filter((one) => one.getBoundingClientRect().bottom <= bottom + 1).length
      })
    const before = await seen()
    assert.equal(await more.textContent(), `+${30 - before}`)
    await more.focus()
    await page.keyboard.press('Enter')
    assert.equal(await more.getAttribute('aria-expanded'), 'true')
    assert.ok((await seen()) > before)
    await more.click()
    assert.equal(await seen(), before)
    await page.close()
  })

  it('tiles say which queries and widgets are not supported, and the others are drawn', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/dashboards/parts?range=30m&refresh=0')
    const messageOf = async (title: string): Promise<string> =>
      (await tile(page, title).locator('.widget-message').textContent()) ?? ''
    assert.match(await messageOf('Outliers'), /statisticalTimeSeriesFilter is not supported/)
    assert.match(await messageOf('PromQL'), /No data in this range/)
    assert.deepEqual(await tile(page, 'Pie').locator('.pie-name').allTextContents(), ['a', 'b', 'c'])
    assert.equal(await tile(page, 'Pie').locator('.pie-slice').count(), 3)
    assert.match((await tile(page, 'Scorecard').textContent()) ?? '', /the first of 3 series/)
    const ink = new Map((await chartInk(page)).map((one) => [one.title, one.ink]))
    assert.match(
      (await page.locator('.filter-bar [data-undrawn]').textContent()) ?? '',
      /team: filters by USER_METADATA_LABEL have no effect here/,
    )
    for (const title of ['Compared', 'Picked', 'X-ray']) assert.ok((ink.get(title) ?? 0) > 100, title)
    await page.close()
  })

  it('a single view group shows one view at a time, and a value variable is inserted into queries', async () => {
    const { page, assertClean } = await openPage(browser, emulator.origin, '#/dashboards/views?range=30m&refresh=0')
    const group = page.locator('.tile')
    await group.locator('.pie-slice').first().waitFor()
    assert.equal(await group.count(), 1)
    assert.deepEqual(await group.getByLabel('View').locator('option').allTextContents(), [
      'Levels: as a pie',
      'Levels: as lines',
    ])
    await group.getByLabel('View').selectOption({ label: 'Levels: as lines' })
    await group.locator('.legend-name').nth(2).waitFor()
    assert.equal(await group.locator('.pie-slice').count(), 0)
    const window = page.locator('.filter-bar').getByLabel('window')
    assert.equal(await window.inputValue(), '5m')
    await window.fill('5 m')
    await window.press('Enter')
    await group.getByText(/parse error/).waitFor()
    assertClean()
    await page.close()
  })

  it('pickTimeSeriesFilter draws the first by rank, and a live update replaces it', async () => {
    const { page, assertClean } = await openPage(browser, emulator.origin, '#/dashboards/parts?range=30m&refresh=5')
    assert.deepEqual(await legendOf(page, 'Picked'), ['a'])
    const [c] = levels({ c: 500 })
    assert.ok(c)
    await post(`${emulator.origin}/v3/projects/${PROJECT}/timeSeries`, {
      timeSeries: timeSeriesAt([c], 1, fromMs, nowMs - 30_000, PROJECT),
    })
    await tile(page, 'Picked').locator('.legend-name', { hasText: /^c$/ }).waitFor({ timeout: 120_000 })
    assert.deepEqual(await legendOf(page, 'Picked'), ['c'])
    assertClean()
    await page.close()
  })
})
