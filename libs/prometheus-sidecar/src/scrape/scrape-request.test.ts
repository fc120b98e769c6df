import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { parseScrapeConfig } from '../config/scrape-config.ts'
import { ScrapeClient, ScrapeError } from './scrape-request.ts'
import { scrapeTargets } from './scrape-target.ts'

/** Scrapes an address, with additional fields in its job. */
async function scrapeAddress(context: TestContext, address: string, fields = '') {
  const yaml = `scrape_configs: [{ job_name: a, ${fields} static_configs: [{ targets: ['${address}'] }] }]`
  const [target] = scrapeTargets(parseScrapeConfig(yaml, 'test'))
  assert.ok(target !== undefined)
  const client = new ScrapeClient('1.2.3')
  context.after(() => client.close())
  return client.request(target, new AbortController().signal)
}

async function listen(context: TestContext, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => void server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return `127.0.0.1:${address.port}`
}

/** Scrapes a server that responds with a listener. */
async function scrape(context: TestContext, listener: RequestListener, fields = '') {
  const server = createServer(listener)
  context.after(() => server.closeAllConnections())
  return scrapeAddress(context, await listen(context, server), fields)
}

/** Scrapes a server that sends these bytes, and closes the connection. */
async function scrapeRaw(context: TestContext, ...parts: (string | Buffer)[]) {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(Buffer.concat(parts.map((part) => Buffer.from(part)))))
  })
  return scrapeAddress(context, await listen(context, server))
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

test('sends no credentials to another origin', async (context) => {
  const seen: (string | undefined)[] = []
  const other = createServer((request, response) => {
    seen.push(request.headers.authorization)
    response.end('up 1\n')
  })
  const address = await listen(context, other)
  const answer = await scrape(
    context,
    (_, response) => response.writeHead(307, { Location: `http://${address}/` }).end(),
    'basic_auth: { username: u, password: p },',
  )
  assert.equal(answer.body, 'up 1\n')
  assert.deepEqual(seen, [undefined])
})

test('reads what Go’s client reads: an interim response, and header lines that end with a bare line feed', async (context) => {
  const ok = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nup 1\n'
  assert.equal((await scrapeRaw(context, `HTTP/1.1 100 Continue\r\n\r\n${ok}`)).body, 'up 1\n')
  assert.equal((await scrapeRaw(context, ok.replaceAll('\r\n', '\n'))).body, 'up 1\n')
})

test('rejects a response that ends too early', async (context) => {
  const whole = gzipSync('a 12345\nb 234567\n')
  const cut = whole.subarray(0, whole.length - 9)
  const head = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n'
  const cases: readonly [title: string, parts: (string | Buffer)[], message: RegExp][] = [
    [
      'gzip, with the length of what was sent',
      [`${head}Content-Length: ${cut.length}\r\n\r\n`, cut],
      /unexpected end of file/,
    ],
    ['gzip, without a length', [`${head}\r\n`, cut], /unexpected end of file/],
    ['a length that was not reached', ['HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nup 1\n'], /ended too early/],
    [
      'a chunk that is not the last',
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nup 1\n\r\n'],
      /ended too early/,
    ],
  ]
  for (const [title, parts, message] of cases) {
    await assert.rejects(scrapeRaw(context, ...parts), message, title)
  }
})

test('requests ports that browsers refuse', async (context) => {
  await assert.rejects(scrapeAddress(context, '127.0.0.1:6000'), /ECONNREFUSED/)
})

test('marks bytes that are not UTF-8 in their line, and keeps the others', async (context) => {
  const { body } = await scrape(context, (_, response) =>
    response.end(Buffer.concat([Buffer.from('a{b="\ufffdé"} 1\nc{d="'), Buffer.of(0xff), Buffer.from('"} 1\n')])),
  )
  assert.equal(body, 'a{b="\ufffdé"} 1\nc{d="\ud800"} 1\n')
})

const refused: readonly [title: string, listener: RequestListener, fields: string, message: RegExp][] = [
  ['a status other than 200', (_, response) => response.writeHead(500).end(), '', /answered with status 500/],
  [
    'a response that is larger than allowed when decompressed',
    (_, response) => response.setHeader('Content-Encoding', 'gzip').end(gzipSync(Buffer.alloc(100_000))),
    'body_size_limit: 50KB,',
    /answered with more than \d+ bytes/,
  ],
  [
    'an encoding that was not requested',
    (_, response) => response.setHeader('Content-Encoding', 'br').end('x'),
    '',
    /content encoding br; only gzip is supported/,
  ],
  [
    'endless redirects',
    (_, response) => response.writeHead(302, { Location: '/metrics' }).end(),
    '',
    /redirects more than 10 times/,
  ],
  [
    'a redirect to something other than HTTP',
    (_, response) => response.writeHead(302, { Location: 'file:///etc/passwd' }).end(),
    '',
    /redirects to "file:.*", which can't be requested/,
  ],
  [
    'a response that does not end in time',
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
