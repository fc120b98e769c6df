import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { runShop, walkToLogLines, writeShopDashboard } from './slow-request.ts'
import { NO_BROWSER, openPage, startBrowser, startEmulatorProcess } from './ui-session.ts'

test('a slow request is found from a chart by its exemplar, its trace and its log lines in four clicks', {
  skip: NO_BROWSER,
  timeout: 180_000,
}, async (context) => {
  const dashboards = await writeShopDashboard()
  context.after(() => rm(dashboards, { recursive: true }))
  const emulator = await startEmulatorProcess([`--dashboards=${dashboards}`])
  context.after(() => emulator.stop())
  await runShop(emulator.origin)
  const browser = await startBrowser()
  context.after(() => browser.close())
  const { page, assertClean } = await openPage(browser, emulator.origin, '')

  assert.equal(await walkToLogLines(page), 4)
  const entry = JSON.parse(
    (await page.locator('.log-row[open] pre.json, .log-row pre.json').first().textContent()) ?? '',
  )
  const trace = await (await fetch(`${emulator.origin}/api/traces/${entry.trace}`)).json()
  assert.ok(trace.durationMs > 700, `the trace of the slow request: ${trace.durationMs} ms`)
  assert.equal(trace.spans[0].spanId, entry.spanId)
  assert.equal(entry.severity, 'WARNING')
  assertClean()
})
