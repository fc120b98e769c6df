import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { CountedActions } from './counted-actions.ts'
import { flaskHistory, otlpTrace, post, timeSeriesAt, writeHistory } from './ui-history.ts'
import { drawn, type EmulatorProcess, NO_BROWSER, openPage, startBrowser, startEmulatorProcess } from './ui-session.ts'

const DASHBOARDS_DIR = fileURLToPath(new URL('../../../deploy/dashboards/', import.meta.url))
const PROJECT = 'demo-project'
const PREFIX = 'external.googleapis.com/prometheus/'
const LATENCY = `${PREFIX}flask_http_request_duration_seconds`
const SPIKE_TRACE = 'abcdef12345678900987654321fedcba'
const SLOWEST_TRACE = '0af7651916cd43dd8448eb211c80319c'
const TRACES = 1300
const BATCH = 100

describe("users' questions, and how many actions it takes to answer them", {
  skip: NO_BROWSER,
  timeout: 400_000,
}, () => {
  let emulator: EmulatorProcess
  let browser: Browser
  const nowMs = Date.now()

  before(async () => {
    emulator = await startEmulatorProcess(['--dashboards', DASHBOARDS_DIR])
    browser = await startBrowser()
    const series = flaskHistory([SPIKE_TRACE])
    await writeHistory(emulator.origin, PROJECT, series, {
      fromMs: nowMs - 780_000,
      toMs: nowMs - 5000,
      stepMs: 10_000,
    })
    // The slowest and the only failed trace are among the oldest.
    await post(`${emulator.origin}/v1/traces`, otlpTrace(SLOWEST_TRACE, nowMs - 760_000, 4000, true))
    for (let first = 0; first < TRACES; first += BATCH) {
      const spans = Array.from({ length: BATCH }, (_, index) => {
        const traceId = `4bf92f3577b34da6${(first + index + 1).toString(16).padStart(16, '0')}`
        return otlpTrace(traceId, nowMs - 20_000 - ((first + index) * 700_000) / TRACES, 3 + (index % 40), false)
      })
      const resourceSpans = spans.flatMap((one) => ('resourceSpans' in one ? (one.resourceSpans as object[]) : []))
      await post(`${emulator.origin}/v1/traces`, { resourceSpans })
    }
    const late = timeSeriesAt(series.slice(0, 1), 1, nowMs - 1_000_000, nowMs - 950_000, PROJECT)
    await assert.rejects(post(`${emulator.origin}/v3/projects/${PROJECT}/timeSeries`, { timeSeries: late }), /400/)
  })
  after(async () => {
    await browser?.close()
    await emulator?.stop()
  })

  const open = async (hash: string) => {
    const { page, assertClean } = await openPage(browser, emulator.origin, hash, { height: 1200 })
    const person = new CountedActions(page)
    return { page, person, assertClean }
  }

  it('which trace is the slowest, and what did it do: two', async () => {
    const { page, person, assertClean } = await open('#/traces?refresh=0')
    const summary = (await page.locator('.list-summary').textContent()) ?? ''
    assert.match(
      summary,
      /^1,301 traces · 1,000 plotted: the slowest, all failed, and an even sample of the others · the newest 200 listed$/,
    )
    const heads = await page.locator('.trace-list th').allTextContents()
    assert.deepEqual(
      heads.map((head) => head.trim()),
      ['Time', 'Duration', 'Service', 'Name', 'Path', 'Status', 'Spans'],
    )
    await person.click(page.getByRole('button', { name: 'Duration' }))
    await page.locator('.trace-row').first().getByText('4 s').waitFor()
    await person.click(page.locator('.trace-row').first())
    await page.waitForFunction((id) => location.hash.startsWith(`#/traces/${id}`), SLOWEST_TRACE)
    await drawn(page)
    assert.equal(await page.locator('.span-row').count(), 2)
    assert.equal(person.count, 2)
    // It can be searched and collapsed.
    await page.getByLabel('Find spans').fill('http.route')
    assert.equal(await page.locator('.span-match').count(), 1)
    assert.match((await page.locator('.waterfall-tools .count').textContent()) ?? '', /^1 of 2 spans$/)
    await page.getByLabel('Find spans').fill('')
    await page.getByRole('button', { name: 'Collapse all' }).click()
    assert.equal(await page.locator('.span-row').count(), 1)
    await page.getByRole('button', { name: '1 span below GET' }).click()
    assert.equal(await page.locator('.span-row').count(), 2)
    assertClean()
    await page.close()
  })

  it('which request caused the spike: two', async () => {
    const { page, person } = await open(`#/metrics/${LATENCY}?refresh=0&range=15m&reducer=REDUCE_SUM`)
    const plot = page.locator('.explorer-chart .u-over')
    await page.locator('.heat-scale').waitFor()
    const { width = 0, height = 0 } = (await plot.boundingBox()) ?? {}
    // Tries cells from the left, as a user would look for one with exemplars; the last click is on that one.
    const cell = page.locator('.heat-cell')
    const link = cell.getByRole('link', { name: /^trace abcdef12/ }).first()
    for (let share = 0.3; share < 0.95 && (await link.count()) === 0; share += 0.02) {
      for (const row of [0.15, 0.3, 0.45, 0.6, 0.75]) {
        if ((await link.count()) > 0) break
        person.count = 0
        await person.click(plot, { position: { x: width * share, y: height * row } })
        if (page.url().includes('/traces/')) break
      }
      if (page.url().includes('/traces/')) break
    }
    if (!page.url().includes('/traces/')) {
      assert.match((await cell.textContent()) ?? '', / – .*values?/s)
      const card = await cell.boundingBox()
      const cells = await plot.boundingBox()
      assert.ok(
        card && cells && (card.y >= cells.y + cells.height || card.y + card.height <= cells.y),
        'it covers cells',
      )
      await person.click(link)
    }
    await page.waitForFunction((id) => location.hash.startsWith(`#/traces/${id}`), SPIKE_TRACE)
    // The trace page says that the spans were never written.
    assert.ok(person.count <= 2, `${person.count}`)
    await page.close()
  })

  it('is it failing: none, since a status has the same colour in every chart', async () => {
    const { page, person } = await open('#/dashboards/flask-app?refresh=0')
    const swatches = await page.locator('.legend-entry').evaluateAll((entries) =>
      entries.map((entry) => ({
        chart: entry.closest('.tile')?.querySelector('.tile-title')?.textContent ?? '',
        name: entry.textContent?.trim() ?? '',
        color: getComputedStyle(entry.querySelector('.swatch') ?? entry).backgroundColor,
      })),
    )
    const of = (name: string): string[] => [
      ...new Set(swatches.filter((one) => one.name === name).map(({ color }) => color)),
    ]
    const wanted = await page.evaluate(() => {
      const probe = document.body.appendChild(document.createElement('i'))
      const read = (token: string): string => {
        probe.style.color = `var(--${token})`
        return getComputedStyle(probe).color
      }
      return { ok: read('status-2xx'), failed: read('status-5xx') }
    })
    assert.ok(swatches.filter(({ name }) => name === '5xx').length >= 2, 'several charts show failed requests')
    assert.deepEqual([of('2xx'), of('5xx')], [[wanted.ok], [wanted.failed]])
    assert.equal(person.count, 0)
    await page.close()
  })

  it('what is it now: none, since charts have the resolution of the data, over a range that fits it', async () => {
    const { page, person } = await open('#/dashboards?refresh=0')
    const tabs = await page.locator('.tabs .tab').allTextContents()
    assert.deepEqual(tabs, ['flask-app', 'custom-metrics-example', 'loadtester', 'pipeline'], 'the app comes first')
    assert.match((await page.locator('.fine-mark:not([hidden])').first().textContent()) ?? '', /^every 10 s$/)
    assert.match(
      (await page.locator('.fine-mark:not([hidden])').first().getAttribute('title')) ?? '',
      /Cloud Monitoring/,
    )
    assert.equal(
      await page
        .locator('.segment[aria-pressed=true]')
        .textContent()
        .then((text) => text?.trim()),
      '15 min',
    )
    assert.equal(person.count, 0)
    await page.goto(`${emulator.origin}/#/dashboards/flask-app?refresh=0&alignment=60s`)
    await page.waitForFunction(() => document.querySelector('.fine-mark:not([hidden])') === null)
    await page.close()
  })

  it('what was the 99th percentile by status in ten minutes: three', async () => {
    const { page, person, assertClean } = await open(`#/metrics/${LATENCY}?refresh=0`)
    await person.choose(page.getByLabel('Reducer'), 'REDUCE_PERCENTILE_99')
    // Grouping is possible only with a reducer.
    await page.locator('.group-by:enabled').waitFor()
    await person.click(page.getByLabel(/^status/))
    await person.type(page.getByRole('textbox', { name: 'Time range' }), 'now-10m')
    await page.waitForFunction(() => /REDUCE_PERCENTILE_99/.test(location.hash) && /range=10m/.test(location.hash))
    await drawn(page)
    await page.locator('.explorer-table td', { hasText: '200' }).waitFor()
    assert.equal(person.count, 3)
    assertClean()
    await page.close()
  })

  it('why was a write rejected: one, and one more to acknowledge it', async () => {
    const { page, person, assertClean } = await open('#/writes?refresh=0')
    assert.match(
      (await page.locator('.reason-text strong').first().textContent()) ?? '',
      /^Points (?:out of order|too old)/,
    )
    await person.click(page.locator('.refusal summary').first())
    assert.match((await page.locator('.refusal-full').first().textContent()) ?? '', /\w+ \w+/)
    assert.equal(person.count, 1)
    assert.equal(await page.locator('.nav-link .badge').count(), 1)
    await person.click(page.getByRole('button', { name: 'Acknowledge' }))
    await page.waitForFunction(() => document.querySelector('.nav-link .badge') === null)
    assertClean()
    await page.close()
  })

  it('what is the result of a PromQL query: one, with completion and errors in place', async () => {
    const { page, person, assertClean } = await open('#/metrics?refresh=0&tab=promql')
    const field = page.getByRole('textbox', { name: 'Query in PromQL' })
    await person.type(field, 'sum by (status) (rate(external_googleapis_com:prometheus_flask_http_request[10m]))')
    await page.locator('.promql-table tbody tr').nth(4).waitFor()
    await page.locator('.explorer-chart canvas').waitFor()
    assert.equal(person.count, 1)
    assert.match(page.url(), /query=sum/)
    assertClean()
    await field.fill('sum(rate(external_googleapis_com:prometheus_flask_ht')
    await field.press('End')
    await field.pressSequentially('t')
    await page
      .getByRole('option', { name: /flask_http_request metric/ })
      .first()
      .waitFor()
    await field.press('Tab')
    assert.match(await field.inputValue(), /^sum\(rate\(external_googleapis_com:prometheus_flask_http_request/)
    page.on('console', () => {})
    await field.fill('sum(rate(up))')
    await field.press('Enter')
    assert.equal(await page.locator('.promql-error mark').textContent(), 'up')
    assert.match((await page.locator('.promql-error').textContent()) ?? '', /expected type range vector/)
    await page.close()
  })
})
