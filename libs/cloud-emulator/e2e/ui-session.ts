import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'

/** Debian's Chromium; CI installs it. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Pages load slowly on a busy machine. */
const PATIENCE_MS = 90_000
/** A page that takes longer is reloaded once, and what it is waiting for is printed. */
const FIRST_DRAWN_MS = 30_000

/** Why the tests that need a browser are skipped; `false` if they can run. */
export const NO_BROWSER = existsSync(CHROMIUM) ? false : `there is no Chromium at ${CHROMIUM}`

/** An emulator process of this package, on free ports. */
export interface EmulatorProcess {
  readonly origin: string
  readonly child: ChildProcess
  stop(): Promise<void>
}

/** Starts the program and waits until it prints where it listens. */
export async function startEmulatorProcess(args: readonly string[] = []): Promise<EmulatorProcess> {
  const binary = fileURLToPath(new URL('../bin/cloud-emulator.js', import.meta.url))
  const listen = ['http', 'grpc', 'otlp-http', 'otlp-grpc'].map((name) => `--${name}.listen-address=127.0.0.1:0`)
  const child = spawn(process.execPath, [binary, ...listen, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const origin = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString('utf8')
      const url = /Cloud emulator: (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1]
      if (url !== undefined) resolve(url)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('exit', (code) => reject(new Error(`cloud-emulator exited with ${code} before it listened:\n${output}`)))
    setTimeout(() => reject(new Error(`cloud-emulator did not listen within 60 s:\n${output}`)), 60_000).unref()
  })
  return {
    origin,
    child,
    async stop() {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Starts Chromium without any network traffic of its own. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** A page that records what it should never do. */
export interface WatchedPage {
  readonly page: Page
  /**
   * Fails if the page contacted any server except the emulator, violated its content security policy, or logged an
   * error.
   */
  assertClean(): void
}

/** Opens a page of the UI and waits until it is drawn. */
export async function openPage(
  browser: Browser,
  origin: string,
  hash: string,
  options: { readonly width?: number; readonly height?: number; readonly dark?: boolean } = {},
): Promise<WatchedPage> {
  const page = await browser.newPage({
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    colorScheme: options.dark ? 'dark' : 'light',
  })
  page.setDefaultTimeout(PATIENCE_MS)
  const faults: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) faults.push(`asked ${request.url()}`)
  })
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`logged ${message.text()}`)
  })
  page.on('pageerror', (error) => faults.push(`threw ${error.stack ?? error.message}`))
  await page.addInitScript(() => {
    const shifts: number[] = []
    Object.assign(window, { layoutShifts: shifts })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if ('value' in entry && typeof entry.value === 'number') shifts.push(entry.value)
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
  const pending = new Set<string>()
  page.on('request', (request) => pending.add(request.url()))
  page.on('requestfinished', (request) => pending.delete(request.url()))
  page.on('requestfailed', (request) => pending.delete(request.url()))
  await page.goto(`${origin}/${hash}`)
  try {
    await drawn(page, FIRST_DRAWN_MS)
  } catch {
    const seen = await page.evaluate(() => JSON.stringify({ ...document.body.dataset, text: document.body.innerText }))
    console.error(
      `${hash} is not drawn; requested: ${[...pending].join(' ')}; faults: ${faults.join('; ')}; page: ${seen}`,
    )
    await page.reload()
    await drawn(page)
  }
  return { page, assertClean: () => assert.deepEqual(faults, []) }
}

/** Waits until the page has drawn its current address. */
export async function drawn(page: Page, timeoutMs = PATIENCE_MS): Promise<void> {
  await page.waitForFunction(
    () => {
      const shown = document.body.dataset.drawn
      return shown !== undefined && (location.hash === '' || shown.split('?')[0] === location.hash.split('?')[0])
    },
    undefined,
    { timeout: timeoutMs },
  )
}

/** Chromium's cumulative layout shift since the page was opened. */
export function layoutShift(page: Page): Promise<number> {
  return page.evaluate(() => {
    const shifts: unknown = Reflect.get(window, 'layoutShifts')
    return Array.isArray(shifts) ? shifts.reduce((sum: number, one) => sum + Number(one), 0) : Number.NaN
  })
}

/**
 * For each chart on the page: its tile's title and the number of coloured pixels in its plot, without text and grid
 * lines.
 */
export function chartInk(page: Page): Promise<{ title: string; ink: number }[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLCanvasElement>('.chart canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] }
      let ink = 0
      for (let index = 0; index + 3 < data.length; index += 4) {
        const [red = 0, green = 0, blue = 0, alpha = 0] = data.slice(index, index + 4)
        if (alpha > 60 && Math.max(red, green, blue) - Math.min(red, green, blue) > 50) ink++
      }
      return { title: canvas.closest('.tile')?.querySelector('.tile-title')?.textContent ?? '', ink }
    }),
  )
}

/**
 * Counts the pixels of a chart's plot with (nearly, because of smoothing) a colour of the current theme, such as
 * `critical`, and the rows that they are spread over.
 */
export function pixelsOf(chart: Locator, color: string): Promise<{ count: number; rows: number }> {
  return chart.locator('canvas').evaluate((canvas, name) => {
    if (!(canvas instanceof HTMLCanvasElement)) return { count: 0, rows: 0 }
    const probe = document.createElement('i')
    probe.style.color = `var(--${name})`
    document.body.append(probe)
    const wanted = (getComputedStyle(probe).color.match(/\d+/g) ?? []).map(Number)
    probe.remove()
    const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] }
    let count = 0
    let [top, bottom] = [canvas.height, -1]
    for (let index = 0; index + 3 < data.length; index += 4) {
      const near = wanted.every((channel, at) => Math.abs(channel - (data[index + at] ?? 0)) < 24)
      if (!near || (data[index + 3] ?? 0) <= 128) continue
      count++
      const row = Math.floor(index / 4 / canvas.width)
      top = Math.min(top, row)
      bottom = Math.max(bottom, row)
    }
    return { count, rows: Math.max(0, bottom - top + 1) }
  }, color)
}
