import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openPage, startBrowser } from './ui-session.ts'

/**
 * Takes the README's screenshots of a running pipeline, both of the emulator and of the load tester's console: `node
 * e2e/take-screenshots.ts http://127.0.0.1:8085 http://127.0.0.1:8089 docs/images`. The pictures show five minutes, so
 * let it run for that long first.
 */
const [origin, consoleOrigin, folder] = process.argv.slice(2)
if (origin === undefined || consoleOrigin === undefined || folder === undefined) {
  console.error('usage: node e2e/take-screenshots.ts EMULATOR CONSOLE FOLDER')
  process.exit(2)
}

const METRIC = 'external.googleapis.com/prometheus/flask_http_request'
const PICTURES: readonly { name: string; hash: string; width?: number; height: number; dark?: boolean }[] = [
  { name: 'dashboard-flask-app', hash: '#/dashboards/flask-app', height: 1000 },
  { name: 'dashboard-flask-app-dark', hash: '#/dashboards/flask-app', height: 1000, dark: true },
  { name: 'dashboard-custom-metrics-example', hash: '#/dashboards/custom-metrics-example', height: 1000 },
  { name: 'dashboard-loadtester', hash: '#/dashboards/loadtester', height: 1000 },
  { name: 'dashboard-pipeline', hash: '#/dashboards/pipeline', height: 1000 },
  {
    name: 'metrics-explorer',
    hash: `#/metrics/${METRIC}?reducer=REDUCE_SUM&by=metric.label.method`,
    width: 1200,
    height: 760,
  },
  { name: 'traces', hash: '#/traces', height: 800 },
  { name: 'alerts', hash: '#/alerts', height: 800 },
  { name: 'writes', hash: '#/writes', height: 700 },
  { name: 'dashboard-narrow', hash: '#/dashboards/flask-app', width: 360, height: 780 },
]

const browser = await startBrowser()
try {
  await mkdir(folder, { recursive: true })
  const live = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
  await live.goto(consoleOrigin)
  await live.getByText('Aggregated').waitFor()
  await live.screenshot({ path: join(folder, 'console.png') })
  await live.close()
  console.log('console.png')
  for (const { name, hash, ...size } of PICTURES) {
    const { page } = await openPage(browser, origin, `${hash}${hash.includes('?') ? '&' : '?'}range=5m`, size)
    await page.screenshot({ path: join(folder, `${name}.png`) })
    await page.close()
    console.log(`${name}.png`)
  }
  const { page } = await openPage(browser, origin, '#/traces?range=5m', { height: 420 })
  await page.locator('.trace-row').first().click()
  await page.locator('.span-row').last().click()
  await page.screenshot({ path: join(folder, 'trace.png') })
  console.log('trace.png')
} finally {
  await browser.close()
}
