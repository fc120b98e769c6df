import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type TestContext, test } from 'node:test'
import { gceMetadata } from './identity.ts'

/** A stand-in for the metadata server; returns the variable that points to it. */
async function serve(context: TestContext, listener: RequestListener): Promise<{ GCE_METADATA_HOST: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return { GCE_METADATA_HOST: `127.0.0.1:${address.port}` }
}

test('queries the metadata server as Google’s libraries do', async (context) => {
  const paths: string[] = []
  const env = await serve(context, (request, response) => {
    const path = (request.url ?? '').replace('/computeMetadata/v1/', '')
    assert.equal(request.headers['metadata-flavor'], 'Google')
    paths.push(path)
    response.setHeader('Metadata-Flavor', 'Google')
    response.statusCode = path === 'instance/attributes/cluster-name' ? 404 : 200
    response.end(path === 'project/project-id' ? 'demo\n' : 'other')
  })
  const metadata = await gceMetadata(env)
  assert.equal(await metadata?.('project/project-id'), 'demo')
  assert.equal(await metadata?.('instance/attributes/cluster-name'), undefined, 'an entry that does not exist')
  assert.deepEqual(paths, ['', 'project/project-id', 'instance/attributes/cluster-name'])
})

test('is undefined for any other server, and if there is none', async (context) => {
  const other = await serve(context, (_, response) => response.end('hello'))
  assert.equal(await gceMetadata(other), undefined)
  assert.equal(await gceMetadata({ GCE_METADATA_HOST: '127.0.0.1:1' }), undefined)
})
