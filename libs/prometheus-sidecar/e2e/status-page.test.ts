import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertAccessible, keepPicture, NO_BROWSER, startBrowser } from '@node-to-cloud/browser-kit/testing'
import { Registry } from '@node-to-cloud/telemetry'
import type { FastifyInstance } from 'fastify'
import type { Browser, Page } from 'playwright-core'
import { createWebServer } from '../src/web/server.ts'

describe('the status page in a browser', { skip: NO_BROWSER, timeout: 120_000 }, () => {
  let server: FastifyInstance
  let browser: Browser
  let url = ''
  let stored = 10_985
  const notReady: string[] = []

  before(async () => {
    server = createWebServer({
      registry: new Registry(),
      readiness: () => notReady,
      status: () => [
        {
          title: 'Cloud Monitoring',
          rows: [
            ['Address', '127.0.0.1:8086, in plaintext'],
            ['Points stored', `${stored}`],
          ],
        },
        { title: 'Series', rows: [['Known', '42']] },
      ],
      log: { error: (fields) => assert.fail(JSON.stringify(fields)) },
    })
    url = await server.listen({ host: '127.0.0.1', port: 0 })
    browser = await startBrowser()
  })
  after(async () => {
    await browser?.close()
    await server?.close()
  })

  async function open(width: number, dark: boolean, faults: string[]): Promise<Page> {
    const page = await browser.newPage({
      viewport: { width, height: 800 },
      colorScheme: dark ? 'dark' : 'light',
    })
    page.on('console', (message) => faults.push(message.text()))
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('request', (request) => request.url().startsWith(`${url}/`) || faults.push(request.url()))
    await page.goto(url)
    await page.getByText(/^as of \d\d:\d\d:\d\d /).waitFor()
    return page
  }

  it('refreshes itself, and keeps the selection', async () => {
    const faults: string[] = []
    const page = await open(1024, false, faults)
    await page.getByText('127.0.0.1:8086, in plaintext').selectText()
    const selected = await page.evaluate(() => String(getSelection()))
    assert.notEqual(selected, '')
    stored = 20_001
    notReady.push('Prometheus has not answered yet')
    await page.getByText('20001').waitFor()
    await page.getByText('Prometheus has not answered yet').waitFor()
    assert.equal(await page.evaluate(() => String(getSelection())), selected)
    notReady.length = 0
    await page.getByText('ready', { exact: true }).waitFor()
    assert.deepEqual(faults, [])
    await page.close()
  })

  for (const width of [1440, 1024, 390]) {
    for (const dark of [false, true]) {
      it(`fits ${width} pixels, ${dark ? 'dark' : 'light'}, and is accessible`, async () => {
        const page = await open(width, dark, [])
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width)
        await assertAccessible(page, `${width} ${dark}`)
        await keepPicture(page, `sidecar-${width}-${dark ? 'dark' : 'light'}`)
        await page.close()
      })
    }
  }

  it('works without scripts', async () => {
    const page = await browser.newPage({ javaScriptEnabled: false })
    await page.goto(url)
    await page.getByText('20001').waitFor()
    await page.close()
  })
})
