import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { otlpTrace, post } from './ui-history.ts'
import {
  drawn,
  type EmulatorProcess,
  layoutShift,
  NO_BROWSER,
  openPage,
  startBrowser,
  startEmulatorProcess,
} from './ui-session.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SERVER_SPAN = TRACE.slice(16)

describe('log entries', { skip: NO_BROWSER, timeout: 900_000 }, () => {
  let emulator: EmulatorProcess
  let browser: Browser
  const nowMs = Date.now()
  const write = (...entries: object[]): Promise<unknown> =>
    post(`${emulator.origin}/v2/entries:write`, {
      logName: 'projects/demo-project/logs/app',
      resource: { type: 'k8s_container', labels: { container_name: 'flask-app' } },
      entries,
    })
  const at = (ms: number): string => new Date(ms).toISOString()

  before(async () => {
    emulator = await startEmulatorProcess()
    browser = await startBrowser()
    await post(`${emulator.origin}/v1/traces`, otlpTrace(TRACE, nowMs - 60_000, 900, true))
    await write(
      ...Array.from({ length: 250 }, (_, index) => ({
        timestamp: at(nowMs - 120_000 - index * 1000),
        severity: index % 50 === 0 ? 'WARNING' : 'INFO',
        jsonPayload: { message: `request ${index}`, n: index },
      })),
      {
        timestamp: at(nowMs - 59_500),
        severity: 'ERROR',
        textPayload: 'the database did not answer',
        trace: `projects/demo-project/traces/${TRACE}`,
        spanId: SERVER_SPAN,
      },
      { timestamp: at(nowMs - 59_400), textPayload: 'gave up', trace: TRACE, spanId: 'ffffffffffffffff' },
    )
  })
  after(async () => {
    await browser?.close()
    await emulator?.stop()
  })

  it('are listed newest first below their number over time; older ones can be loaded', async () => {
    const { page, assertClean } = await openPage(browser, emulator.origin, '#/logs?refresh=0')
    assert.equal(await page.locator('.log-row').count(), 200)
    assert.match((await page.locator('.log-row').first().textContent()) ?? '', /gave up/)
    assert.match((await page.locator('.log-caption').textContent()) ?? '', /^252 entries/)
    assert.ok((await page.locator('.log-bar > [data-severity="WARNING"]').count()) > 0)
    await page.getByRole('button', { name: 'Older entries' }).click()
    await page.waitForFunction(() => document.querySelectorAll('.log-row').length === 252)
    assert.equal((await layoutShift(page)) < 0.1, true)
    assertClean()
    await page.close()
  })

  it('are found by query and severity, and an error shows its position', async () => {
    const { page, assertClean } = await openPage(browser, emulator.origin, '#/logs?refresh=0')
    await page.keyboard.press('/')
    await page.keyboard.type('jsonPayload.n<60')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelectorAll('.log-row').length === 60)
    await page.getByLabel('Minimum severity').selectOption('WARNING')
    await page.waitForFunction(() => document.querySelectorAll('.log-row').length === 2)
    assertClean()
    await page.getByLabel('Query').fill('severity=')
    await page.keyboard.press('Enter')
    await page.locator('.log-problem', { hasText: 'line 1, column 10' }).waitFor()
    await page.close()
  })

  it('appear automatically in the live tail', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/logs?refresh=0&query=fresh')
    await page.getByRole('button', { name: 'Live tail' }).click()
    await page.locator('.list-summary', { hasText: 'Waiting for entries that match' }).waitFor()
    await write({ textPayload: 'fresh one' }, { textPayload: 'another' })
    await page.locator('.log-row', { hasText: 'fresh one' }).waitFor()
    assert.equal(await page.locator('.log-row').count(), 1)
    await page.close()
  })

  it('expand to their JSON, link to their trace, and are shown below its spans', async () => {
    const { page, assertClean } = await openPage(browser, emulator.origin, '#/logs?refresh=0&severity=ERROR')
    await page.locator('.log-row summary').click()
    const json = JSON.parse((await page.locator('.log-row pre.json').textContent()) ?? '')
    assert.equal(json.textPayload, 'the database did not answer')
    await page.getByRole('link', { name: 'Trace of this entry' }).click()
    await page.waitForFunction((id) => location.hash.startsWith(`#/traces/${id}`), TRACE)
    await drawn(page)
    const server = page.locator('.span-item', { has: page.locator('.span-label', { hasText: 'GET /' }) })
    assert.match((await server.locator('.span-logs').textContent()) ?? '', /\+500 msERROR.*the database did not answer/)
    assert.match((await page.locator('.span-item').last().textContent()) ?? '', /Of spans that are not here.*gave up/s)
    await page.getByRole('link', { name: '2 log lines' }).click()
    await page.waitForFunction(() => document.querySelectorAll('.log-row').length === 2)
    assertClean()
    await page.close()
  })

  it('fit a narrow page in the dark theme', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/logs?refresh=0', {
      width: 390,
      height: 800,
      dark: true,
    })
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    assert.ok(overflow <= 0, String(overflow))
    await page.close()
  })
})
