import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { parseScrapeConfig } from '../config/scrape-config.ts'
import { requestScrape, ScrapeError } from './scrape-request.ts'
import { scrapeTargets } from './scrape-target.ts'

/** Scrapes a server that answers by a listener, with more fields in its job. */
async function scrape(context: TestContext, listener: RequestListener, fields = '') {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const yaml = `scrape_configs: [{ job_name: a, ${fields} static_configs: [{ targets: ['127.0.0.1:${address.port}'] }] }]`
  const [target] = scrapeTargets(parseScrapeConfig(yaml, 'test'))
  assert.ok(target !== undefined)
  return requestScrape(target, { version: '1.2.3', signal: new AbortController().signal })
}

test('requests OpenMetrics, with the scrape timeout and a secret from a file', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'scrape-request-'))
  context.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'token'), 'secret\n')
  let headers: Record<string, unknown> = {}
  const answer = await scrape(
    context,
    (request, response) => {
      headers = request.headers
      response.setHeader('Content-Type', 'text/plain; version=0.0.4')
      response.setHeader('Content-Encoding', 'gzip')
      response.end(gzipSync('up 1\n'))
    },
    `scrape_interval: 5s, scrape_timeout: 4s, authorization: { credentials_file: '${folder}/token' },`,
  )
  assert.deepEqual(answer, { body: 'up 1\n', contentType: 'text/plain; version=0.0.4' })
  assert.match(String(headers.accept), /^application\/openmetrics-text;version=1\.0\.0,/)
  assert.equal(headers['x-prometheus-scrape-timeout-seconds'], '4')
  assert.equal(headers.authorization, 'Bearer secret')
  assert.equal(headers['user-agent'], 'prometheus-sidecar/1.2.3')
})

test('follows redirects, unless configured not to', async (context) => {
  const listener: RequestListener = (request, response) => {
    if (request.url === '/metrics') response.writeHead(302, { Location: '/there' }).end()
    else response.end('up 1\n')
  }
  assert.equal((await scrape(context, listener)).body, 'up 1\n')
  await assert.rejects(scrape(context, listener, 'follow_redirects: false,'), /answered with status 302/)
})

const refused: readonly [title: string, listener: RequestListener, fields: string, message: RegExp][] = [
  ['another status than 200', (_, response) => response.writeHead(500).end(), '', /answered with status 500/],
  [
    'an answer that is larger than allowed, decompressed',
    (_, response) => response.setHeader('Content-Encoding', 'gzip').end(gzipSync(Buffer.alloc(100_000))),
    'body_size_limit: 50KB,',
    /answered with more than \d+ bytes/,
  ],
  ['bytes that are not UTF-8', (_, response) => response.end(Buffer.of(0xff)), '', /bytes that are not UTF-8/],
  [
    'an answer that does not end in time',
    (_, response) => void response.write('up'),
    'scrape_interval: 200ms, scrape_timeout: 200ms,',
    /did not answer within 0\.2 s/,
  ],
  ['a connection that breaks', (request) => request.socket.destroy(), '', /127\.0\.0\.1:\d+\/metrics: /],
]
for (const [title, listener, fields, message] of refused) {
  test(`refuses ${title}`, async (context) => {
    await assert.rejects(scrape(context, listener, fields), (error) => {
      assert.ok(error instanceof ScrapeError)
      assert.match(error.message, message)
      return true
    })
  })
}
