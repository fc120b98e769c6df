import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { flaskHistory, post, writeHistory } from './ui-history.ts'
import { drawn, type EmulatorProcess, NO_BROWSER, openPage, startBrowser, startEmulatorProcess } from './ui-session.ts'

const PROJECT = 'demo-project'
const MEMORY =
  'metric.type="external.googleapis.com/prometheus/process_resident_memory_bytes" resource.type="k8s_container"'
const CPU = 'metric.type="external.googleapis.com/prometheus/process_cpu_seconds" resource.type="k8s_container"'

function query(filter: string, perSeriesAligner: string): object {
  return { timeSeriesFilter: { filter, aggregation: { alignmentPeriod: '60s', perSeriesAligner } } }
}

const widgets = [
  {
    title: 'Bytes beside shares',
    xyChart: {
      dataSets: [
        { timeSeriesQuery: query(MEMORY, 'ALIGN_MEAN') },
        { timeSeriesQuery: { ...query(CPU, 'ALIGN_RATE'), unitOverride: '10^2.%' } },
      ],
      yAxis: { label: 'bytes' },
    },
  },
  ...Array.from({ length: 12 }, (_, index) => ({
    title: `Chart ${index}`,
    xyChart: { dataSets: [{ timeSeriesQuery: query(MEMORY, 'ALIGN_MEAN') }] },
  })),
]

describe('the frame around the pages', { skip: NO_BROWSER, timeout: 900_000 }, () => {
  let folder = ''
  let emulator: EmulatorProcess
  let browser: Browser
  const nowMs = Date.now()

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ui-frame-'))
    const dashboard = { displayName: 'Frame', gridLayout: { columns: 2, widgets } }
    await writeFile(join(folder, 'frame.json'), JSON.stringify(dashboard))
    emulator = await startEmulatorProcess(['--dashboards', folder])
    browser = await startBrowser()
    await writeHistory(emulator.origin, PROJECT, flaskHistory(), {
      fromMs: nowMs - 900_000,
      toMs: nowMs,
      stepMs: 30_000,
    })
    await post(`${emulator.origin}/v1/projects/only-dashboards/dashboards`, dashboard)
  })
  after(async () => {
    await browser?.close()
    await emulator?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const headerHeight = (page: Page): Promise<number> =>
    page.locator('header.top').evaluate((header) => header.getBoundingClientRect().height)

  for (const [width, most] of [
    [1920, 56],
    [1440, 56],
    [1024, 100],
    [390, 96],
  ] as const) {
    it(`takes at most ${most} pixels of a page that is ${width} wide`, async () => {
      const { page } = await openPage(browser, emulator.origin, '#/dashboards/frame?refresh=0', { width, height: 900 })
      const height = await headerHeight(page)
      assert.ok(height <= most, `${height}`)
      await page.close()
    })
  }

  it('and the page do not move when a chart is zoomed, and ✕ and Escape both reset the zoom', async () => {
    const { page, assertClean } = await openPage(browser, emulator.origin, '#/dashboards/frame?refresh=0&range=15m')
    const plot = page.locator('.tile', { hasText: 'Chart 5' }).locator('.u-over')
    await plot.scrollIntoViewIfNeeded()
    const before = await page.evaluate(() => window.scrollY)
    const height = await headerHeight(page)
    const zoom = async (): Promise<void> => {
      const box = await plot.boundingBox()
      assert.ok(box)
      await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2)
      await page.mouse.down()
      await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2, { steps: 4 })
      await page.mouse.up()
      await page.waitForFunction(() => /range=\d{10,}-\d{10,}/.test(location.hash))
      await drawn(page)
    }
    await zoom()
    assert.deepEqual([await headerHeight(page), await page.evaluate(() => window.scrollY)], [height, before])
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => /range=15m/.test(location.hash))
    await zoom()
    await page.getByRole('button', { name: 'Reset the zoom' }).click()
    await page.waitForFunction(() => /range=15m/.test(location.hash))
    assertClean()
    await page.close()
  })

  it('lists projects that have only dashboards', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/dashboards?refresh=0')
    const names = await page.getByLabel('Project').locator('option').allTextContents()
    assert.deepEqual(
      names.map((name) => name.trim()),
      [PROJECT, 'only-dashboards'],
    )
    await page.close()
  })

  it('has no button over the text to copy', async () => {
    const { page } = await openPage(browser, emulator.origin, '#/traces?refresh=0', { width: 390, height: 800 })
    const [code, button] = await page
      .locator('.code-block')
      .last()
      .evaluate((block) => [...block.children].map((child) => child.getBoundingClientRect().toJSON()))
    assert.ok(code.right <= button.left || code.bottom <= button.top, JSON.stringify([code, button]))
    await page.close()
  })
})
