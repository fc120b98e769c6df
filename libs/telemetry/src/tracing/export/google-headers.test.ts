import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createGoogleHeaders } from './google-headers.ts'

test('each request has a valid token, and the project', async () => {
  let tokens = 0
  const metadataServer = createServer((request, response) => {
    response.setHeader('Metadata-Flavor', 'Google')
    response.setHeader('Content-Type', 'application/json')
    if (request.url?.includes('/token')) {
      response.end(
        JSON.stringify({
          access_token: `token-${++tokens}`,
          expires_in: tokens === 1 ? 1 : 3600,
          token_type: 'Bearer',
        }),
      )
    } else {
      response.end(JSON.stringify(request.url?.includes('universe') ? 'googleapis.com' : 'default'))
    }
  }).listen(0, '127.0.0.1')
  await once(metadataServer, 'listening')
  const saved = { ...process.env }
  process.env.GCE_METADATA_HOST = `127.0.0.1:${(metadataServer.address() as AddressInfo).port}`
  process.env.CLOUDSDK_CONFIG = '/nonexistent'
  delete process.env.GOOGLE_APPLICATION_CREDENTIALS
  try {
    const headers = await createGoogleHeaders('my-project', { 'x-mine': '1' })
    const first = await headers()
    assert.equal(first['x-goog-user-project'], 'my-project')
    assert.equal(first['x-mine'], '1')
    assert.equal(first.authorization, 'Bearer token-1')
    assert.equal((await headers()).authorization, 'Bearer token-2', 'the first token has expired')
    assert.equal((await headers()).authorization, 'Bearer token-2', 'the second has not')
  } finally {
    process.env = saved
    metadataServer.close()
    metadataServer.closeAllConnections()
  }
})
