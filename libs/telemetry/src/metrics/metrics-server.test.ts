import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listenMetrics } from './metrics-server.ts'

test('nextScrape waits until a scrape that starts later has been answered', async (t) => {
  let collected: (() => void) | undefined
  const server = await listenMetrics({
    host: '127.0.0.1',
    port: 0,
    collect: () => new Promise((resolve) => (collected = () => resolve([]))),
    readiness: () => [],
  })
  t.after(server.close)
  const url = `http://127.0.0.1:${server.port}/metrics`

  assert.equal(await server.nextScrape(1), false, 'nobody scrapes')

  const next = server.nextScrape(60_000)
  let isScraped = false
  void next.then(() => (isScraped = true))
  await (await fetch(url.replace('metrics', 'readyz'))).text()
  await (await fetch(url, { method: 'POST' })).text()
  const scrape = fetch(url)
  while (collected === undefined) await new Promise((resolve) => setTimeout(resolve, 1))
  assert.equal(isScraped, false, 'before the response')
  collected()
  await (await scrape).text()
  assert.equal(await next, true)
})
