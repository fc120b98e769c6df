import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { flaskHistory, otlpTrace, post, timeSeriesAt, writeHistory } from './ui-history.ts'
import {
  chartInk,
  drawn,
  type EmulatorProcess,
  layoutShift,
  NO_BROWSER,
  openPage,
  startBrowser,
  startEmulatorProcess,
} from './ui-session.ts'

const DASHBOARDS_DIR = fileURLToPath(new URL('../../../deploy/dashboards/', import.meta.url))
const PROJECT = 'demo-project'
const traceIds = Array.from(
  { length: 24 },
  (_, index) => `4bf92f3577b34da6${(index + 1).toString(16).padStart(16, '0')}`,
)
const STEP_MS = 10_000

/** The centre and size of the plotting area of a tile's chart. */
async function plotBox(page: Page, title: string): Promise<{ x: number; y: number; width: number; height: number }> {
  const plot = page
    .locator('.tile', { has: page.getByRole('heading', { name: title, exact: true }) })
    .locator('.u-over')
  await plot.scrollIntoViewIfNeeded()
  const box = await plot.boundingBox()
  assert.ok(box, `${title} has a plot`)
  return box
}

describe('the dashboards page', { skip: NO_BROWSER, timeout: 900_000 }, () => {
  let emulator: EmulatorProcess
  let browser: Browser
  const nowMs = Date.now()
  const series = flaskHistory(traceIds)

  before(async () => {
    emulator = await startEmulatorProcess(['--dashboards', DASHBOARDS_DIR])
    browser = await startBrowser()
    await writeHistory(emulator.origin, PROJECT, series, { fromMs: nowMs - 3_600_000, toMs: nowMs, stepMs: STEP_MS })
    for (const traceId of traceIds) {
      await post(`${emulator.origin}/v1/traces`, otlpTrace(traceId, nowMs - 60_000, 40, false))
    }
  })
  after(async () => {
    await browser?.close()
    await emulator?.stop()
  })

  it('draws the flask-app dashboard of the deploy folder: every chart that has data has ink, nothing jumps, nothing leaves the machine', async (t) => {
    const began = Date.now()
    const { page, assertClean } = await openPage(browser, emulator.origin, '#/dashboards/flask-app?range=1h')
    t.diagnostic(`first view of an hour, including the browser tab: ${Date.now() - began} ms`)
    const empty = await page.locator('.tile:has(.widget-message:not([hidden])) .tile-title').allTextContents()
    const ink = await chartInk(page)
    assert.ok(ink.length >= 8, `there are ${ink.length} charts`)
    for (const chart of ink) {
      if (!empty.includes(chart.title)) assert.ok(chart.ink > 200, `${chart.title} has ${chart.ink} coloured pixels`)
    }
    assert.ok(!empty.includes('Latency of all requests') && !empty.includes('Responses by status'), `empty: ${empty}`)
    assert.ok((await layoutShift(page)) < 0.02)
    assertClean()
    await page.close()
  })

  it('serves the page with a content security policy that allows only this origin', async () => {
    const response = await fetch(emulator.origin)
    const policy = response.headers.get('content-security-policy') ?? ''
    assert.match(policy, /default-src 'none'/)
    assert.doesNotMatch(policy, /unsafe|https?:|\*/)
  })

  it('shows the exact values at the pointer, and the crosshair in all charts', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/dashboards/flask-app?range=1h')
    const box = await plotBox(page, 'Responses by status')
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    const tooltip = page.locator('.tooltip')
    await tooltip.waitFor({ state: 'visible' })
    const text = (await tooltip.textContent()) ?? ''
    assert.match(text, /^\d\d:\d\d:\d\d/)
    for (const status of ['2xx', '4xx', '5xx']) assert.ok(text.includes(status), text)
    assert.match(text, /\d\.\d+\/s/)
    await page.close()
  })

  it('zooms into the range that is dragged over, and back by Escape', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/dashboards/flask-app?range=1h')
    const box = await plotBox(page, 'Request rate by method')
    await page.mouse.move(box.x + box.width * 0.25, box.y + 60)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 8 })
    await page.mouse.up()
    await page.waitForFunction(() => /range=\d+-\d+/.test(location.hash))
    const [from = 0, to = 0] = (/range=(\d+)-(\d+)/.exec(page.url())?.slice(1) ?? []).map(Number)
    assert.ok(Math.abs(to - from - 1_800_000) < 120_000, `${(to - from) / 1000} s`)
    assert.equal(await page.getByRole('button', { name: 'Reset the zoom' }).isVisible(), true)
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => /range=1h/.test(location.hash))
    await page.close()
  })

  it('hides and shows a series by its legend, and shows only this series on a double click', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/dashboards/flask-app?range=1h')
    const tile = page.locator('.tile', { has: page.getByRole('heading', { name: 'Responses by status', exact: true }) })
    const entry = tile.locator('.legend-entry', { hasText: '2xx' })
    const inkOf = async (): Promise<number> =>
      (await chartInk(page)).find((chart) => chart.title === 'Responses by status')?.ink ?? 0
    const whole = await inkOf()
    await entry.click()
    assert.equal(await entry.getAttribute('aria-pressed'), 'false')
    assert.notEqual(await inkOf(), whole)
    await page.waitForTimeout(600)
    await entry.click()
    await page.waitForTimeout(600)
    await entry.dblclick()
    assert.equal(await tile.locator('.legend-entry[aria-pressed=true]').count(), 1)
    await page.close()
  })

  it('links exemplars in the heatmap to their traces', async () => {
    const { page, assertClean } = await openPage(browser, emulator.origin, '#/dashboards/flask-app?range=1h&refresh=0')
    const box = await plotBox(page, 'Latency of all requests')
    // Exemplars belong to the newest points: move along the right end of the plot until the pointer is on one.
    const over = page.locator('.over-exemplar')
    let found = false
    for (let x = box.width - 2; x > box.width * 0.6 && !found; x -= 4) {
      for (let y = 4; y < box.height && !found; y += 7) {
        await page.mouse.move(box.x + x, box.y + y)
        found = (await over.count()) > 0
      }
    }
    assert.ok(found, 'an exemplar is within reach')
    await page.mouse.down()
    await page.mouse.up()
    await page.waitForFunction(() => /^#\/traces\/[0-9a-f]{32}/.test(location.hash))
    await page.locator('.span-row').first().waitFor()
    assert.equal(await page.locator('.span-row').count(), 2)
    assertClean()
    await page.close()
  })

  it('can be read with only the keyboard', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/dashboards/flask-app?range=1h')
    await page.locator('.chart').first().focus()
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowLeft')
    await page.locator('.tooltip').waitFor({ state: 'visible' })
    const one = await page.locator('.tooltip-heading').textContent()
    await page.keyboard.press('ArrowLeft')
    assert.notEqual(await page.locator('.tooltip-heading').textContent(), one)
    for (const [key, page1] of [
      ['2', 'metrics'],
      ['3', 'traces'],
      ['4', 'logs'],
      ['5', 'alerts'],
      ['6', 'writes'],
      ['1', 'dashboards'],
    ] as const) {
      await page.keyboard.press(key)
      await page.waitForFunction((name) => location.hash.startsWith(`#/${name}`), page1)
      await drawn(page)
    }
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('t')
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light')
    await page.keyboard.press('t')
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
    await page.close()
  })

  it('applies a dashboard filter to every widget', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/dashboards/flask-app?range=1h')
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.url().endsWith('/api/query')) asked.push(request.postData() ?? '')
    })
    await page.getByLabel('pod_name').selectOption('custom-metrics-example-local')
    await page.waitForFunction(() => document.querySelectorAll('.widget-message:not([hidden])').length > 5)
    assert.match(asked.at(-1) ?? '', /resource\.label\.pod_name=\\"custom-metrics-example-local\\"/)
    assert.match(page.url(), /f\.pod_name=custom-metrics-example-local/)
    await page.close()
  })

  it('is live: a point that is written now is drawn without a reload', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/dashboards/custom-metrics-example?range=5m&refresh=5')
    const value = page.locator('.tile', { hasText: 'Memory in use' }).locator('.scorecard-value')
    const before = await value.textContent()
    const memory = series.filter((one) => one.type === 'process_resident_memory_bytes')
    let step = 400
    const later = async (): Promise<boolean> => {
      // Points of a series must be at least 5 s apart.
      await page.waitForTimeout(5500)
      const [one] = memory
      if (!one) return false
      const grown = { ...one, value: () => 512 * 2 ** 20 }
      await post(`${emulator.origin}/v3/projects/${PROJECT}/timeSeries`, {
        timeSeries: timeSeriesAt([grown], step++, nowMs, Date.now(), PROJECT),
      })
      return (await value.textContent()) !== before
    }
    const deadline = Date.now() + 150_000
    while (!(await later())) {
      assert.ok(Date.now() < deadline, 'the scorecard has changed')
    }
    assert.ok((await layoutShift(page)) < 0.02)
    await page.close()
  })

  it('fits 360 pixels, also in the dark theme', async () => {
    const { page, assertClean } = await openPage(browser, emulator.origin, '#/dashboards/flask-app?range=1h', {
      width: 360,
      height: 780,
      dark: true,
    })
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360)
    assert.ok((await chartInk(page)).some((chart) => chart.ink > 200))
    assertClean()
    await page.close()
  })
})

describe('dashboards of other kinds', { skip: NO_BROWSER, timeout: 900_000 }, () => {
  let folder = ''
  let browser: Browser
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ui-dashboards-'))
    browser = await startBrowser()
  })
  after(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('without dashboards the page says what to run', async () => {
    const emulator = await startEmulatorProcess()
    try {
      const { page, assertClean } = await openPage(browser, emulator.origin, '')
      const text = (await page.locator('.empty-state').textContent()) ?? ''
      assert.match(text, /No dashboards yet/)
      assert.match(text, /cloud-emulator --dashboards/)
      assertClean()
      await page.close()
    } finally {
      await emulator.stop()
    }
  })

  it('groups can be collapsed, text is formatted, and tiles say what is not supported', async () => {
    const text = { title: 'Notes', text: { content: '**bold** and `code` <b>x</b>', format: 'MARKDOWN' } }
    const dashboard = {
      displayName: 'Mixed',
      mosaicLayout: {
        columns: 12,
        tiles: [
          { width: 6, height: 3, widget: text },
          {
            xPos: 6,
            width: 6,
            height: 3,
            widget: { title: 'Errors', errorReportingPanel: { projectNames: ['projects/demo-project'] } },
          },
          { yPos: 3, width: 12, height: 4, widget: { title: 'Details', collapsibleGroup: { collapsed: true } } },
          { yPos: 3, width: 12, height: 4, widget: { title: 'Inside', text: { content: 'hidden at first' } } },
          { yPos: 7, width: 12, height: 2, widget: { title: 'Logs', logsPanel: { filter: 'severity>=ERROR' } } },
        ],
      },
    }
    await writeFile(join(folder, 'mixed.json'), JSON.stringify(dashboard))
    const emulator = await startEmulatorProcess(['--dashboards', folder])
    try {
      const { page, assertClean } = await openPage(browser, emulator.origin, '#/dashboards/mixed')
      assert.equal(await page.locator('.widget-text strong').textContent(), 'bold')
      assert.equal(await page.locator('.widget-text b').count(), 0)
      assert.match((await page.locator('[data-unsupported]').textContent()) ?? '', /errorReportingPanel/)
      assert.match(
        (await page.locator('.tile', { hasText: 'Logs' }).textContent()) ?? '',
        /No entry matches in this time range. Open in Logs/,
      )
      await post(`${emulator.origin}/v2/entries:write`, {
        logName: 'projects/demo-project/logs/app',
        resource: { type: 'global' },
        entries: [{ severity: 'ERROR', textPayload: 'it broke' }, { textPayload: 'it runs' }],
      })
      await page.getByRole('button', { name: 'Refresh now' }).click()
      await page.locator('.widget-logs .log-row', { hasText: 'it broke' }).waitFor()
      assert.equal(await page.locator('.widget-logs .log-row').count(), 1)
      assert.equal(await page.getByText('hidden at first').isVisible(), false)
      await page.locator('.group > summary').click()
      assert.equal(await page.getByText('hidden at first').isVisible(), true)
      assertClean()
      await page.close()
    } finally {
      await emulator.stop()
    }
  })
})
