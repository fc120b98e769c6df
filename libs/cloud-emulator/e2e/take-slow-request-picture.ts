import { rm } from 'node:fs/promises'
import { runShop, walkToLogLines, writeShopDashboard } from './slow-request.ts'
import { openPage, startBrowser, startEmulatorProcess } from './ui-session.ts'

/**
 * Takes the README's picture of the way from a chart to log lines: `node e2e/take-slow-request-picture.ts
 * docs/images/slow-request.png`. It starts everything that it needs.
 */
const [file] = process.argv.slice(2)
if (file === undefined) {
  console.error('usage: node e2e/take-slow-request-picture.ts FILE')
  process.exit(2)
}

const SIZE = { width: 900, height: 560 }
const dashboards = await writeShopDashboard()
const emulator = await startEmulatorProcess([`--dashboards=${dashboards}`])
const browser = await startBrowser()
try {
  await runShop(emulator.origin)
  const { page } = await openPage(browser, emulator.origin, '', SIZE)
  const figures: string[] = []
  await walkToLogLines(page, async (name) => {
    const picture = (await page.screenshot()).toString('base64')
    const caption = `${figures.length + 1}. ${name}`
    figures.push(`<figure><figcaption>${caption}</figcaption><img src="data:image/png;base64,${picture}"></figure>`)
  })
  const sheet = await browser.newPage({ viewport: { width: 1400, height: 100 } })
  await sheet.setContent(
    `<style>
       body { margin: 0; padding: 12px; display: grid; grid-template-columns: 1fr 1fr; gap: 12px; font: 600 15px sans-serif; background: #fff }
       figure { margin: 0 } figcaption { padding: 2px 0 6px } img { width: 100%; border: 1px solid #ccc; border-radius: 6px }
     </style>${figures.slice(0, 4).join('')}`,
  )
  await sheet.screenshot({ path: file, fullPage: true })
  console.log(file)
} finally {
  await browser.close()
  await emulator.stop()
  await rm(dashboards, { recursive: true })
}
