import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { PrometheusFlags } from '../config/flags.ts'
import { PrometheusApi } from './prometheus-api.ts'

const NONE = { username: '', passwordFile: '', bearerTokenFile: '', caFile: '' }

async function startApi(
  answer: RequestListener,
  flags: Partial<PrometheusFlags> = {},
  path = '/',
): Promise<PrometheusApi> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = address === null || typeof address === 'string' ? 0 : address.port
  const api = new PrometheusApi({ ...NONE, url: new URL(`http://127.0.0.1:${port}${path}`), ...flags })
  after(() => {
    api.close()
    server.close()
    server.closeAllConnections()
  })
  return api
}

describe('PrometheusApi', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidecar-prometheus-api-'))
    await writeFile(join(folder, 'secret'), 'hidden\n')
  })
  after(() => rm(folder, { recursive: true }))

  it('returns the data of a response, with a route prefix and a query', async () => {
    const api = await startApi(
      (request, response) => response.end(JSON.stringify({ status: 'success', data: [request.url] })),
      {},
      '/prefix/',
    )
    assert.deepEqual(await api.get('api/v1/targets', { a: '{b="c"}' }), ['/prefix/api/v1/targets?a=%7Bb%3D%22c%22%7D'])
  })

  it('sends a password or a token, read from its file', async () => {
    const echo: RequestListener = (request, response) =>
      response.end(JSON.stringify({ status: 'success', data: request.headers.authorization }))
    const secret = join(folder, 'secret')
    const basic = await startApi(echo, { username: 'u', passwordFile: secret })
    assert.equal(await basic.get('x'), `Basic ${Buffer.from('u:hidden').toString('base64')}`)
    assert.equal(await (await startApi(echo, { bearerTokenFile: secret })).get('x'), 'Bearer hidden')
    assert.equal(await (await startApi(echo)).get('x'), undefined)
  })

  const refused: readonly [title: string, answer: RequestListener, message: RegExp, status: number | undefined][] = [
    [
      'an error',
      (_, response) => response.writeHead(422).end('{"status":"error","error":"bad query"}'),
      /answered: bad query/,
      422,
    ],
    [
      'a body that is not JSON',
      (_, response) => response.writeHead(404).end('404 page not found'),
      /answered 404 without JSON; check --prometheus.api-address/,
      404,
    ],
    [
      'a wrong password',
      (_, response) => response.writeHead(401).end('Unauthorized'),
      /answered 401; check --prometheus.username and/,
      401,
    ],
    ['a broken connection', (request) => request.socket.destroy(), /Prometheus at http:\/\/127/, undefined],
  ]
  for (const [title, answer, message, status] of refused) {
    it(`explains ${title}`, async () => {
      await assert.rejects((await startApi(answer)).get('x'), { code: 'ERR_PROMETHEUS_API', message, status })
    })
  }

  it('gives up after its timeout', async () => {
    const api = await startApi(() => {})
    await assert.rejects(api.get('x', {}, { timeoutMs: 50 }), /did not answer in time/)
  })

  it('names a file that can’t be read', async () => {
    const api = await startApi((_, response) => response.end('{}'), { bearerTokenFile: join(folder, 'none') })
    await assert.rejects(api.get('x'), /none/)
  })
})
