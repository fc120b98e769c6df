import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright-core'
import { flaskHistory, writeHistory } from './ui-history.ts'
import { startBrowser, startEmulatorProcess } from './ui-session.ts'

/**
 * Measures the first view of a dashboard with 12 charts of an hour, with an empty cache in a warm browser. `node
 * --conditions=@node-to-cloud/source e2e/measure-first-view.ts [VIEWS] [--json]` prints medians in milliseconds.
 */
const { values: options, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true })
const views = Number(positionals[0] ?? 15)
const PROJECT = 'demo-project'
const HOUR_MS = 3_600_000

const typed = (name: string): string => `metric.type="external.googleapis.com/prometheus/${name}"`
const chart = (title: string, filter: string, perSeriesAligner: string, more: object = {}): object => ({
  title,
  xyChart: {
    dataSets: [
      {
        plotType: 'LINE',
        ...more,
        timeSeriesQuery: { timeSeriesFilter: { filter, aggregation: { alignmentPeriod: '60s', perSeriesAligner } } },
      },
    ],
  },
})
const latency = typed('flask_http_request_duration_seconds')
const charts = [
  chart('Requests', typed('flask_http_request'), 'ALIGN_RATE'),
  chart('Requests, stacked', typed('flask_http_request'), 'ALIGN_RATE', { plotType: 'STACKED_AREA' }),
  chart('Requests per minute', typed('flask_http_request'), 'ALIGN_DELTA', { plotType: 'STACKED_BAR' }),
  chart('Latency', latency, 'ALIGN_DELTA', { plotType: 'HEATMAP' }),
  chart('Median', latency, 'ALIGN_PERCENTILE_50'),
  chart('95 %', latency, 'ALIGN_PERCENTILE_95'),
  chart('99 %', latency, 'ALIGN_PERCENTILE_99'),
  chart('Greetings', typed('flask_app_hello_requests'), 'ALIGN_RATE'),
  chart('Up', typed('up'), 'ALIGN_MEAN'),
  chart('Custom metric', typed('custom_metric_example'), 'ALIGN_RATE'),
  chart('Memory', typed('process_resident_memory_bytes'), 'ALIGN_MEAN'),
  chart('CPU', typed('process_cpu_seconds'), 'ALIGN_RATE'),
]
const tiles = charts.map((widget, index) => ({
  ...(index % 3 === 0 ? {} : { xPos: (index % 3) * 4 }),
  ...(index < 3 ? {} : { yPos: Math.floor(index / 3) * 3 }),
  width: 4,
  height: 3,
  widget,
}))

/** Milliseconds from the start of the navigation. */
interface View {
  /** The page's HTML has arrived. */
  readonly page: number
  /** The last module of the first view has arrived. */
  readonly modules: number
  /** The charts' query was sent, and its response has arrived. */
  readonly asked: number
  readonly answered: number
  /** Everything is drawn, and on the screen. */
  readonly drawn: number
  readonly painted: number
  /** How long the browser's main thread ran scripts, and laid out and styled the page. */
  readonly script: number
  readonly layout: number
  /** How often it laid out the page. */
  readonly layouts: number
  readonly requests: number
  readonly kilobytes: number
}

async function view(browser: Browser, url: string): Promise<View> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1300 } })
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Performance.enable')
  await page.addInitScript(() => {
    const watch = (): void => {
      if (document.body?.dataset.drawn === undefined) {
        requestAnimationFrame(watch)
        return
      }
      performance.mark('painted')
      console.debug('painted')
    }
    new MutationObserver((_, observer) => {
      if (document.body?.dataset.drawn === undefined) return
      observer.disconnect()
      performance.mark('drawn')
      requestAnimationFrame(() => requestAnimationFrame(watch))
    }).observe(document, { subtree: true, attributes: true, childList: true })
  })
  // Nothing is evaluated in the page before it is drawn: that would take time of the view.
  const painted = page.waitForEvent('console', { predicate: (message) => message.text() === 'painted' })
  await page.goto(url)
  await painted
  const times = await page.evaluate(() => {
    const entries = performance.getEntriesByType('resource').filter((one) => one instanceof PerformanceResourceTiming)
    const [navigation] = performance.getEntriesByType('navigation')
    const query = entries.find((one) => one.name.endsWith('/api/query'))
    const asked = query?.startTime ?? Number.NaN
    const modules = entries.filter((one) => /\/kit\/page\.js|\/browser\/|uplot\.js/.test(one.name))
    const at = (name: string): number => performance.getEntriesByName(name)[0]?.startTime ?? Number.NaN
    return {
      page: navigation instanceof PerformanceNavigationTiming ? navigation.responseEnd : Number.NaN,
      modules: Math.max(...modules.filter((one) => one.startTime < asked).map((one) => one.responseEnd)),
      asked,
      answered: query?.responseEnd ?? Number.NaN,
      drawn: at('drawn'),
      painted: at('painted'),
      requests: entries.length + 1,
      kilobytes: entries.reduce((sum, one) => sum + one.encodedBodySize, 0) / 1024,
    }
  })
  const { metrics } = await session.send('Performance.getMetrics')
  const metric = (name: string): number => metrics.find((one) => one.name === name)?.value ?? Number.NaN
  const milliseconds = (name: string): number => metric(name) * 1000
  await context.close()
  return {
    ...times,
    script: milliseconds('ScriptDuration'),
    layout: milliseconds('LayoutDuration') + milliseconds('RecalcStyleDuration'),
    layouts: metric('LayoutCount'),
  }
}

const folder = await mkdtemp(join(tmpdir(), 'first-view-'))
await writeFile(
  join(folder, 'twelve.json'),
  JSON.stringify({ displayName: 'Twelve', mosaicLayout: { columns: 12, tiles } }),
)
const emulator = await startEmulatorProcess(['--dashboards', folder])
const browser = await startBrowser()
try {
  const nowMs = Date.now()
  await writeHistory(emulator.origin, PROJECT, flaskHistory(), { fromMs: nowMs - HOUR_MS, toMs: nowMs, stepMs: 10_000 })
  const all: View[] = []
  for (let index = 0; index <= views; index++) {
    const one = await view(browser, `${emulator.origin}/#/dashboards/twelve?range=1h&refresh=0`)
    // The first view warms up both processes.
    if (index > 0) all.push(one)
    else if (!options.json)
      console.log(
        'cold',
        JSON.stringify(one, (_, value) => (typeof value === 'number' ? Math.round(value) : value)),
      )
  }
  const quantile = (name: keyof View, share: number): number =>
    Math.round(all.map((one) => one[name]).sort((a, b) => a - b)[Math.floor((all.length - 1) * share)] ?? Number.NaN)
  const names = Object.keys(all[0] ?? {}) as (keyof View)[]
  if (options.json) {
    console.log(JSON.stringify(Object.fromEntries(names.map((name) => [name, quantile(name, 0.5)]))))
  } else {
    console.log(`${views} views, median (and 90 %):`)
    for (const name of names) console.log(`${name.padEnd(10)} ${quantile(name, 0.5)} (${quantile(name, 0.9)})`)
  }
} finally {
  await browser.close()
  await emulator.stop()
  await rm(folder, { recursive: true, force: true })
}
