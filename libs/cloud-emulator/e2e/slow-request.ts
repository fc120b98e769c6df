import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Page } from 'playwright-core'

const FAST_REQUESTS = 40

/** A folder with the dashboard of the shop: a heatmap of its durations. */
export async function writeShopDashboard(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-dashboards-'))
  const type = 'prometheus.googleapis.com/http_server_request_duration_seconds/histogram'
  const timeSeriesQuery = {
    timeSeriesFilter: {
      filter: `metric.type="${type}" resource.type="prometheus_target" resource.label.job="shop"`,
      aggregation: { alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_DELTA', crossSeriesReducer: 'REDUCE_SUM' },
    },
    unitOverride: 's',
  }
  const widget = { title: 'Durations', xyChart: { dataSets: [{ timeSeriesQuery, plotType: 'HEATMAP' }] } }
  const dashboard = {
    displayName: 'Shop',
    mosaicLayout: { columns: 48, tiles: [{ width: 48, height: 24, widget }] },
  }
  await writeFile(join(folder, 'shop.json'), JSON.stringify(dashboard))
  return folder
}

/** Runs the shop, which sends its signals to the emulator by OTLP, for many fast requests and a slow one. */
export async function runShop(emulatorOrigin: string): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--conditions=@node-to-cloud/source', join(import.meta.dirname, 'shop-service.ts')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        GOOGLE_CLOUD_PROJECT: 'demo-project',
        METADATA_SERVER_DETECTION: 'none',
        OTEL_EXPORTER_OTLP_ENDPOINT: emulatorOrigin,
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_LOGS_EXPORTER: 'otlp',
        OTEL_RESOURCE_ATTRIBUTES: 'cloud.region=us-central1',
      },
    },
  )
  const ended = once(child, 'exit')
  try {
    const [url]: string[] = await once(createInterface({ input: child.stdout }), 'line')
    for (let number = 1; number <= FAST_REQUESTS; number++) await fetch(`${url}/orders/${number}`)
    await fetch(`${url}/orders/slow`)
  } finally {
    // It sends its buffered data when it exits.
    child.kill('SIGTERM')
    await ended
  }
  assert.equal(child.exitCode, 0)
}

/**
 * Finds the slow request from the first page: its dashboard, its exemplar (the highest point in the heatmap), its
 * trace, its log lines.
 *
 * @param onStep - called before each click and after the last one, for example to take pictures
 * @returns the number of clicks
 */
export async function walkToLogLines(
  page: Page,
  onStep: (name: string) => Promise<void> = async () => {},
): Promise<number> {
  let clicks = 0
  const click = async (name: string, act: () => Promise<void>): Promise<void> => {
    await onStep(name)
    await act()
    clicks++
  }
  await page.getByRole('link', { name: 'Dashboards' }).first().waitFor()
  const chart = page.locator('.tile', { has: page.getByRole('heading', { name: 'Durations', exact: true }) })
  await chart.locator('canvas').waitFor()
  await pointAtHighestExemplar(page)
  await click('A slow request on a chart', async () => {
    await page.mouse.down()
    await page.mouse.up()
  })
  const span = page.locator('.span-item', { has: page.locator('.span-label', { hasText: 'GET /orders/:id' }) })
  await span.locator('.span-logs').waitFor()
  await click('Its trace, with the log lines of its span', () => span.locator('.span-row').click())
  await span.locator('.span-detail').waitFor()
  await click('What the span knows', () => page.getByRole('link', { name: /log lines$/ }).click())
  const line = page.locator('.log-row', { hasText: 'The stock room does not answer' })
  await line.waitFor()
  await click('All log lines of the request', () => line.locator('summary').click())
  await line.locator('pre.json').waitFor()
  await onStep('A log line as it is stored')
  return clicks
}

/** Moves the pointer to the highest point in the heatmap. */
async function pointAtHighestExemplar(page: Page): Promise<void> {
  const canvas = page.locator('.tile .chart canvas').first()
  const box = await canvas.boundingBox()
  assert.ok(box)
  const dot = await canvas.evaluate(highestExemplar)
  assert.ok(dot, 'an exemplar is drawn')
  await page.mouse.move(box.x + dot.x * box.width, box.y + dot.y * box.height)
  await page.locator('.over-exemplar').waitFor()
}

/** The position of the highest point in the colour of exemplars, in fractions of the canvas. Runs in the page. */
function highestExemplar(canvas: SVGElement | HTMLElement): { x: number; y: number } | undefined {
  if (!(canvas instanceof HTMLCanvasElement)) return undefined
  const probe = document.createElement('i')
  probe.style.color = 'var(--exemplar)'
  document.body.append(probe)
  const wanted = (getComputedStyle(probe).color.match(/\d+/g) ?? []).map(Number)
  probe.remove()
  const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] }
  for (let index = 0; index + 3 < data.length; index += 4) {
    if (!wanted.every((channel, at) => Math.abs(channel - (data[index + at] ?? 0)) < 16)) continue
    const pixel = index / 4
    // The first pixel is on the point's upper edge.
    const y = Math.floor(pixel / canvas.width) + 2 * devicePixelRatio
    return { x: (pixel % canvas.width) / canvas.width, y: y / canvas.height }
  }
  return undefined
}
