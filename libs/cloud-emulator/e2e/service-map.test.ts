import assert from 'node:assert/strict'
import { test } from 'node:test'
import { otlpTrace, post } from './ui-history.ts'
import { NO_BROWSER, openPage, startBrowser, startEmulatorProcess } from './ui-session.ts'

test('the service map shows which services call each other, and links to the traces of a service', {
  skip: NO_BROWSER,
  timeout: 180_000,
}, async (context) => {
  const emulator = await startEmulatorProcess()
  context.after(() => emulator.stop())
  await post(
    `${emulator.origin}/v1/traces`,
    otlpTrace('0af7651916cd43dd8448eb211c80319c', Date.now() - 60_000, 900, true),
  )
  const browser = await startBrowser()
  context.after(() => browser.close())
  const { page, assertClean } = await openPage(browser, emulator.origin, '#/traces?refresh=0')
  await page.getByRole('button', { name: 'Service map' }).click()
  const service = page.locator('a.map-service').last()
  await service.waitFor()
  assert.equal(await page.locator('.map-service').count(), 2)
  assert.equal(await page.locator('.map-link').count(), 1)
  assert.equal(await page.locator('.trace-list').isVisible(), false)
  const name = await service.locator('.map-name').textContent()
  await service.click()
  await page.waitForFunction((wanted) => location.hash.includes(`service=${wanted}`), name)
  await page.locator('.trace-row').first().waitFor()
  assert.equal(await page.locator('.map').isVisible(), false)
  assertClean()
})
