import assert from 'node:assert/strict'
import { request } from 'node:http'
import { describe, test } from 'node:test'
import { startTestEmulator } from '../../test/testing/running-emulator.ts'

/** Uses node:http, which, unlike fetch, sends any Host and Origin. */
function status(port: number, path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    call.on('error', reject)
    call.end(method === 'POST' ? '{}' : undefined)
  })
}

describe('who may send requests', () => {
  const paths = ['/', '/api/summary', '/v3/projects/p/metricDescriptors', '/metrics', '/faults']
  const cases: [what: string, headers: (port: number) => Record<string, string>, allowed: boolean][] = [
    ['a program', (port) => ({ host: `127.0.0.1:${port}` }), true],
    ['localhost', (port) => ({ host: `localhost:${port}` }), true],
    ['a page of ours', (port) => ({ host: `localhost:${port}`, origin: `http://localhost:${port}` }), true],
    ['a page of another site', (port) => ({ host: `localhost:${port}`, origin: 'https://evil.example' }), false],
    ['a page on another port', (port) => ({ host: `localhost:${port}`, origin: 'http://localhost:1' }), false],
    ['a page without an origin', (port) => ({ host: `localhost:${port}`, origin: 'null' }), false],
    ['a name of another site that points here', (port) => ({ host: `evil.example:${port}` }), false],
    ['a name that looks like ours', () => ({ host: '127.0.0.1.evil.example' }), false],
  ]
  for (const [what, headers, allowed] of cases) {
    test(`${what}: ${allowed ? 'yes' : 'no'}`, async (context) => {
      const { httpPort } = await startTestEmulator(context)
      for (const path of paths) assert.equal(await status(httpPort, path, headers(httpPort)), allowed ? 200 : 403, path)
    })
  }

  test('on all addresses other names may read, but only loopback names may set faults', async (context) => {
    const { httpPort } = await startTestEmulator(context, { httpAddress: { host: '0.0.0.0', port: 0 } })
    const headers = { host: 'cloud-emulator:8085', 'content-type': 'application/json' }
    assert.equal(await status(httpPort, '/api/summary', headers), 200)
    assert.equal(await status(httpPort, '/faults', headers), 403)
    assert.equal(await status(httpPort, '/faults', headers, 'POST'), 403)
    assert.equal(await status(httpPort, '/faults', { ...headers, host: 'localhost' }), 200)
  })

  test('on all addresses public names are rejected, since other sites may point them here', async (context) => {
    const { httpPort } = await startTestEmulator(context, {
      httpAddress: { host: '0.0.0.0', port: 0 },
      allowedHosts: ['Metrics.Example'],
    })
    const cases: [host: string, allowed: boolean][] = [
      ['evil.example:8085', false],
      ['10.1.2.3:8085', true],
      ['[2001:db8::1]:8085', true],
      ['cloud-emulator.demo.svc:8085', true],
      ['cloud-emulator.demo.svc.cluster.local:8085', true],
      ['metrics.example:8085', true],
      ['svc.metrics.example', false],
    ]
    for (const [host, allowed] of cases) {
      for (const path of paths.filter((one) => one !== '/faults'))
        assert.equal(await status(httpPort, path, { host }), allowed ? 200 : 403, `${host} ${path}`)
    }
    const origin = { host: 'evil.example:8085', origin: 'http://evil.example:8085', 'content-type': 'application/json' }
    assert.equal(await status(httpPort, '/v3/projects/p/timeSeries', origin, 'POST'), 403)
  })
})
