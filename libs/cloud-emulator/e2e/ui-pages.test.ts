import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { flaskHistory, LINKED_TRACE, otlpTrace, post, timeSeriesAt, writeHistory } from './ui-history.ts'
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

const PROJECT = 'demo-project'
const PREFIX = 'external.googleapis.com/prometheus/'
const SLOW_TRACE = '0af7651916cd43dd8448eb211c80319c'
const FAILED_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

describe('the pages besides the dashboards', { skip: NO_BROWSER, timeout: 900_000 }, () => {
  let emulator: EmulatorProcess
  let browser: Browser
  const nowMs = Date.now()
  const series = flaskHistory()

  before(async () => {
    emulator = await startEmulatorProcess()
    browser = await startBrowser()
    await writeHistory(emulator.origin, PROJECT, series, { fromMs: nowMs - 900_000, toMs: nowMs, stepMs: 10_000 })
    await post(`${emulator.origin}/v1/traces`, otlpTrace(SLOW_TRACE, nowMs - 120_000, 900, false))
    await post(`${emulator.origin}/v1/traces`, otlpTrace(FAILED_TRACE, nowMs - 60_000, 12, true))
    for (let index = 1; index <= 20; index++) {
      const traceId = `4bf92f3577b34da6${index.toString(16).padStart(16, '0')}`
      await post(`${emulator.origin}/v1/traces`, otlpTrace(traceId, nowMs - index * 20_000, 3 + index, false))
    }
  })
  after(async () => {
    await browser?.close()
    await emulator?.stop()
  })

  describe('metrics', () => {
    it('lists every type with kind, series and last value, and finds one by typing', async () => {
      const { page, assertClean } = await openPage(browser, emulator.origin, '#/metrics')
      const types = new Set(series.map((one) => one.type))
      assert.equal(await page.locator('.metric-row').count(), types.size)
      await page.keyboard.press('/')
      await page.keyboard.type('resident')
      assert.equal(await page.locator('.metric-row').count(), 1)
      const row = (await page.locator('.metric-row').textContent()) ?? ''
      assert.match(row, /GAUGE DOUBLE/)
      assert.match(row, /1 series/)
      assert.match(row, /\d\/s/, 'the rate of writing')
      assert.match(row, /MiB/)
      await page.keyboard.press('Enter')
      await page.waitForFunction(() => location.hash.includes('process_resident_memory_bytes'))
      await page.locator('.explorer-chart canvas').waitFor()
      await drawn(page)
      assertClean()
      await page.close()
    })

    it('draws the chosen metric by aligner, reducer and grouping, and shows the filter for a dashboard', async () => {
      const type = `${PREFIX}flask_http_request`
      const { page, assertClean } = await openPage(browser, emulator.origin, `#/metrics/${type}`)
      await page.getByLabel('Reducer').selectOption('REDUCE_SUM')
      await page.waitForFunction(() => location.hash.includes('REDUCE_SUM'))
      await page.locator('.group-by:enabled').waitFor()
      await page.getByLabel(/^status/).check()
      await page.waitForFunction(() => document.querySelectorAll('.explorer-chart .legend-entry').length === 5)
      await page.getByLabel('Draw as').selectOption('STACKED_AREA')
      await page.waitForFunction(() => location.hash.includes('STACKED_AREA'))
      await drawn(page)
      assert.ok((await chartInk(page)).every((chart) => chart.ink > 500))
      const json = JSON.parse((await page.locator('pre.json').textContent()) ?? '')
      assert.deepEqual(json.timeSeriesFilter, {
        filter: `metric.type="${type}"`,
        aggregation: {
          alignmentPeriod: '60s',
          perSeriesAligner: 'ALIGN_RATE',
          crossSeriesReducer: 'REDUCE_SUM',
          groupByFields: ['metric.label.status'],
        },
      })
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await page.getByRole('button', { name: 'Copy timeSeriesFilter' }).click()
      await page.getByRole('button', { name: 'Copied' }).waitFor()
      assert.deepEqual(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())), json)
      assertClean()
      await page.close()
    })

    it('keeps the focus on elements that are chosen by keyboard', async () => {
      const { page } = await openPage(browser, emulator.origin, `#/metrics/${PREFIX}up?refresh=0`)
      await page.getByLabel('Aligner').focus()
      await page.keyboard.press('ArrowDown')
      await page.waitForFunction(() => location.hash.includes('aligner='))
      await drawn(page)
      const aligner = await page.getByLabel('Aligner').elementHandle()
      assert.ok(await page.evaluate((element) => document.activeElement === element, aligner))
      await page.close()
    })

    it("shows the API's error message for an invalid filter", async () => {
      const { page } = await openPage(browser, emulator.origin, `#/metrics/${PREFIX}up`)
      await page.getByLabel('Filter').fill('metric.label.x=')
      await page.getByLabel('Filter').press('Enter')
      await page.locator('.explorer-chart .widget-message-error').waitFor()
      const text = (await page.locator('.explorer-chart .widget-message-error').textContent()) ?? ''
      assert.match(text, /This query failed/)
      assert.ok(text.length > 'This query failed'.length + 10, text)
      await page.close()
    })
  })

  describe('traces', () => {
    it('shows when each started and how long it took, and filters by duration and status', async () => {
      const { page, assertClean } = await openPage(browser, emulator.origin, '#/traces')
      assert.equal(await page.locator('.trace-row').count(), 22)
      assert.ok((await chartInk(page)).every((chart) => chart.ink > 200))
      await page.getByLabel('At least').fill('500ms')
      await page.getByLabel('At least').press('Enter')
      await page.waitForFunction(() => document.querySelectorAll('.trace-row').length === 1)
      assert.match((await page.locator('.trace-row').textContent()) ?? '', /900 ms/)
      await page.getByLabel('At least').fill('')
      await page.getByLabel('At least').press('Enter')
      await page.waitForFunction(() => document.querySelectorAll('.trace-row').length > 1)
      await page.getByLabel('Status').selectOption('error')
      await page.waitForFunction(() => document.querySelectorAll('.trace-row').length === 1)
      assert.equal(await page.locator('.trace-failed').count(), 1)
      assertClean()
      await page.close()
    })

    it('filters by service and root span, and a point opens its trace', async () => {
      const { page } = await openPage(browser, emulator.origin, '#/traces?refresh=0')
      for (const [label, value] of [
        ['Service', 'loadtester'],
        ['Root span', 'GET'],
      ] as const) {
        await page.getByLabel(label).selectOption(value)
        await page.waitForFunction((wanted) => location.hash.includes(`=${wanted}`), value)
        await drawn(page)
        assert.equal(await page.locator('.trace-row').count(), 22)
      }
      await page.goto(`${emulator.origin}/#/traces?refresh=0&service=nobody`)
      await page.locator('.empty-state', { hasText: 'No trace matches' }).waitFor()
      await page.goto(`${emulator.origin}/#/traces?refresh=0&min=500ms`)
      await page.waitForFunction(() => document.querySelectorAll('.trace-row').length === 1)
      const box = await page.locator('.scatter .u-over').boundingBox()
      assert.ok(box)
      const over = page.locator('.over-exemplar')
      for (let x = box.width; x > 0 && (await over.count()) === 0; x -= 8) {
        for (let y = 4; y < box.height && (await over.count()) === 0; y += 12)
          await page.mouse.move(box.x + x, box.y + y)
      }
      assert.equal(await over.count(), 1, 'the point is found')
      assert.match((await page.locator('.tooltip').textContent()) ?? '', /900 ms/)
      await page.mouse.down()
      await page.mouse.up()
      await page.waitForFunction((id) => location.hash.startsWith(`#/traces/${id}`), SLOW_TRACE)
      await page.close()
    })

    it('shows one as a waterfall with attributes and events, by keyboard', async () => {
      const { page, assertClean } = await openPage(browser, emulator.origin, `#/traces/${FAILED_TRACE}`)
      const rows = page.locator('.span-row')
      assert.deepEqual(await rows.locator('.span-label').allTextContents(), ['GET', 'GET /'])
      assert.deepEqual(await rows.locator('.span-service').allTextContents(), ['loadtester', 'flask-app'])
      const bars = await Promise.all([0, 1].map((index) => rows.nth(index).locator('.span-bar').boundingBox()))
      const [client, server] = bars
      assert.ok(client && server && server.x > client.x && server.width < client.width)
      await rows.first().focus()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      const detail = (await page.locator('.span-detail').textContent()) ?? ''
      for (const text of ['http.response.status_code', '500', 'Received hello request !', 'service.name', 'chaos']) {
        assert.ok(detail.includes(text), `${text} in ${detail}`)
      }
      assertClean()
      await page.locator('.span-detail a', { hasText: LINKED_TRACE }).click()
      await page.waitForFunction((id) => location.hash.startsWith(`#/traces/${id}`), LINKED_TRACE)
      await page.close()
    })

    it('says if a trace does not exist', async () => {
      const { page } = await openPage(browser, emulator.origin, `#/traces/${'f'.repeat(32)}`)
      assert.match((await page.locator('.empty-state').textContent()) ?? '', /Trace not found/)
      await page.close()
    })
  })

  describe('writes', () => {
    it('a rejected point appears automatically, with its reason and its series', async () => {
      const { page, assertClean } = await openPage(browser, emulator.origin, '#/writes?refresh=60')
      assert.match((await page.locator('.empty-state').textContent()) ?? '', /Nothing has been rejected/)
      const [gauge] = series.filter((one) => one.type === 'flask_exporter_info')
      assert.ok(gauge)
      const late = timeSeriesAt([gauge], 1, nowMs, nowMs - 600_000, PROJECT)
      await assert.rejects(
        post(`${emulator.origin}/v3/projects/${PROJECT}/timeSeries`, { timeSeries: late }),
        /responded with 400/,
      )
      await page.locator('.refusal').first().waitFor()
      const row = (await page.locator('.refusal summary').first().textContent()) ?? ''
      assert.match(row, /INVALID_ARGUMENT/)
      assert.match(row, /flask_exporter_info/)
      assert.match(row, /Points must be written in order/)
      await page.locator('.refusal summary').first().click()
      const detail = (await page.locator('.refusal-detail').first().textContent()) ?? ''
      assert.ok(detail.includes('version=0.1.0') && detail.includes('pod_name=flask-app-tutorial-local'), detail)
      assert.equal(await page.locator('.reason').count(), 1)
      assert.equal(await page.locator('.nav-link', { hasText: 'Writes' }).locator('.badge').textContent(), '1')
      assert.ok((await layoutShift(page)) < 0.1)
      assertClean()
      await page.close()
    })
  })

  it('listens for events only while it is visible, and then checks for new dashboards', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/dashboards?refresh=60')
    const seen: string[] = []
    page.on('request', (request) => seen.push(`asked ${new URL(request.url()).pathname}`))
    page.on('requestfailed', (request) => seen.push(`ended ${new URL(request.url()).pathname}`))
    const turn = (hidden: boolean): Promise<void> =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, hidden)
    const until = async (what: string): Promise<void> => {
      const deadline = Date.now() + 20_000
      while (!seen.includes(what)) {
        assert.ok(Date.now() < deadline, `${what}: ${seen}`)
        await page.waitForTimeout(50)
      }
    }
    await turn(true)
    await until('ended /api/events')
    assert.ok(!seen.includes('asked /api/events'))
    await turn(false)
    await until('asked /api/events')
    await until(`asked /v1/projects/${PROJECT}/dashboards`)
    await page.close()
  })

  it('shows written data as text, even if it looks like markup', async () => {
    const html = '<img src=x onerror=alert(1)>'
    const traceId = 'c'.repeat(16) + 'd'.repeat(16)
    const trace = JSON.stringify(otlpTrace(traceId, nowMs - 30_000, 5, true)).replaceAll(
      '"GET /"',
      JSON.stringify(html),
    )
    await post(`${emulator.origin}/v1/traces`, JSON.parse(trace))
    const [gauge] = series.filter((one) => one.type === 'up')
    assert.ok(gauge)
    const labelled = { ...gauge, type: 'html', labels: { html } }
    const written = timeSeriesAt([labelled], 1, nowMs, nowMs, PROJECT)
    await post(`${emulator.origin}/v3/projects/${PROJECT}/timeSeries`, { timeSeries: written })
    await assert.rejects(post(`${emulator.origin}/v3/projects/${PROJECT}/timeSeries`, { timeSeries: written }), /400/)
    for (const [hash, opened] of [
      [`#/metrics/${PREFIX}html`, '.explorer-table'],
      [`#/traces/${traceId}`, '.span-row'],
      ['#/writes', '.refusal summary'],
    ] as const) {
      const { page, assertClean } = await openPage(browser, emulator.origin, hash)
      await page.locator(opened).first().click()
      assert.ok((await page.locator('main').innerText()).includes(html), hash)
      assert.equal(await page.locator('main img').count(), 0, hash)
      assertClean()
      await page.close()
    }
  })

  it('an injected fault is announced on every page', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/metrics?refresh=5')
    assert.equal(await page.locator('.problem-notice').isVisible(), false)
    await post(`${emulator.origin}/faults`, { code: 'UNAVAILABLE', share: 0.1, durationSeconds: 60 })
    await page.locator('.problem-notice').waitFor({ state: 'visible' })
    await fetch(`${emulator.origin}/faults`, { method: 'DELETE' })
    await page.locator('.problem-notice').waitFor({ state: 'hidden' })
    await page.close()
  })
})

describe('an emulator without data', { skip: NO_BROWSER, timeout: 900_000 }, () => {
  it('shows on each page a command that works unchanged, and hides it once it has run', async () => {
    const emulator = await startEmulatorProcess()
    const browser = await startBrowser()
    try {
      const { page } = await openPage(browser, emulator.origin, '#/metrics?refresh=5')
      const example = (await page.locator('pre', { hasText: 'MetricServiceClient' }).textContent()) ?? ''
      const writer = spawnSync(process.execPath, ['--input-type=module', '--eval', example], {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        encoding: 'utf8',
        timeout: 60_000,
      })
      assert.equal(writer.status, 0, writer.stderr)
      await page.locator('.metric-row', { hasText: 'custom.googleapis.com/hello' }).waitFor()
      await page.goto(`${emulator.origin}/#/traces?refresh=5`)
      await drawn(page)
      await page.locator('.empty-state').waitFor()
      assert.match((await page.locator('.empty-state').textContent()) ?? '', /OTEL_EXPORTER_OTLP_ENDPOINT/)
      assert.match((await page.locator('.empty-state').textContent()) ?? '', /npm start/)
      const other = await startEmulatorProcess()
      try {
        const { page: writes } = await openPage(browser, other.origin, '#/writes?refresh=5')
        const text = (await writes.locator('.empty-state').textContent()) ?? ''
        assert.match(text, /Nothing has been written yet.*npm start.*MetricServiceClient/s)
        const [gauge] = flaskHistory().filter((one) => one.type === 'up')
        assert.ok(gauge)
        const timeSeries = timeSeriesAt([gauge], 1, Date.now(), Date.now(), 'mine')
        await post(`${other.origin}/v3/projects/mine/timeSeries`, { timeSeries })
        await assert.rejects(post(`${other.origin}/v3/projects/mine/timeSeries`, { timeSeries }), /400/)
        const link = writes.locator('.other-projects a', { hasText: 'mine' })
        await link.waitFor()
        await link.click()
        await writes.locator('.refusal', { hasText: 'Points must be written in order' }).waitFor()
        await writes.close()
      } finally {
        await other.stop()
      }
      await emulator.stop()
      await page.locator('.problem:not(.problem-notice)').waitFor({ state: 'visible' })
      assert.match((await page.locator('.problem').first().textContent()) ?? '', /does not respond/)
    } finally {
      await browser.close()
      await emulator.stop()
    }
  })
})
