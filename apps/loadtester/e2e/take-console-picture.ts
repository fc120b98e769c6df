import { startBrowser } from '@node-to-cloud/browser-kit/testing'

/**
 * Takes the README's picture of the console, while a test of some minutes runs: `node e2e/take-console-picture.ts
 * 'http://127.0.0.1:8089/?token=TOKEN' docs/images/console.png`.
 */
const [url, path] = process.argv.slice(2)
if (url === undefined || path === undefined) {
  console.error('usage: node e2e/take-console-picture.ts URL FILE')
  process.exit(2)
}

const browser = await startBrowser()
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 860 } })
  await page.goto(url)
  await page.goto(new URL('/#charts', url).href)
  await page.locator('canvas').nth(3).waitFor()
  // A picture of the load that was asked for, not of a busy machine.
  await page.waitForFunction(() => document.querySelector('.notice') === null, undefined, { timeout: 600_000 })
  await page.screenshot({ path })
} finally {
  await browser.close()
}
