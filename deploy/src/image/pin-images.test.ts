import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pinImages } from './pin-images.ts'
import { lookUpDigest, parseImage, RegistryError } from './registry.ts'

const digest = (character: string) => `sha256:${character.repeat(64)}`

test('parses the parts of an image name', () => {
  assert.deepEqual(parseImage('quay.io/prometheus/prometheus:v3.14.0'), {
    registry: 'quay.io',
    repository: 'prometheus/prometheus',
    tag: 'v3.14.0',
    digest: undefined,
  })
  assert.equal(parseImage(`localhost:5000/a/b:1@${digest('a')}`).digest, digest('a'))
  for (const image of ['flask-app', 'quay.io/prometheus/prometheus', 'x:1', 'quay.io/a:1@sha256:12']) {
    assert.throws(() => parseImage(image), /must be an image with a registry and a tag/, image)
  }
})

describe('a registry of the OCI distribution API', () => {
  let server: Server
  let registry = ''
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '', `http://${registry}`)
    if (url.pathname === '/token') {
      assert.equal(url.searchParams.get('scope'), 'repository:p/private:pull')
      response.end(JSON.stringify({ token: 'anonymous' }))
    } else if (url.pathname === '/v2/p/open/manifests/1.2.3') {
      assert.match(request.headers.accept ?? '', /image\.index.*manifest\.list/)
      response.setHeader('docker-content-digest', digest('b')).end()
    } else if (url.pathname === '/v2/p/private/manifests/1' && request.headers.authorization === 'Bearer anonymous') {
      response.setHeader('docker-content-digest', digest('c')).end()
    } else if (url.pathname === '/v2/p/private/manifests/1') {
      const challenge = `Bearer realm="http://${registry}/token",service="r",scope="repository:p/private:pull"`
      response.writeHead(401, { 'www-authenticate': challenge }).end()
    } else if (url.pathname === '/v2/p/odd/manifests/1') {
      response.setHeader('docker-content-digest', 'md5:1').end()
    } else {
      response.writeHead(404).end()
    }
  }
  before(async () => {
    server = createServer(handle)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address !== null && typeof address !== 'string') registry = `127.0.0.1:${address.port}`
  })
  after(() => server.close())
  const lookUp = (name: string) => lookUpDigest(parseImage(`${registry}/${name}`), { scheme: 'http' })

  test('returns the digest of a tag, with an anonymous token where the registry asks for one', async () => {
    assert.equal(await lookUp('p/open:1.2.3'), digest('b'))
    assert.equal(await lookUp('p/private:1'), digest('c'))
  })

  test('a missing tag, a malformed digest and an unreachable registry are errors', async () => {
    await assert.rejects(
      lookUp('p/open:9'),
      (error) => error instanceof RegistryError && /responded with 404/.test(error.message),
    )
    await assert.rejects(lookUp('p/odd:1'), /returned no digest but "md5:1"/)
    await assert.rejects(lookUpDigest(parseImage('127.0.0.1:1/p/a:1'), { scheme: 'http' }), /can't be reached: /)
  })
})

test('appends the digests it could look up, and leaves the other images unchanged', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pin-images-'))
  try {
    const write = (file: string, text: string) => {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), text)
    }
    const read = (file: string) => readFileSync(join(root, file), 'utf8')
    write(
      'apps/a/Dockerfile',
      'ARG BUILD_IMAGE=docker.io/library/node:24.21.0\nARG RUNTIME_IMAGE=gcr.io/away/node:nonroot\nFROM x\n',
    )
    write('libs/b/Dockerfile', `ARG BUILD_IMAGE=docker.io/library/node:24.21.0@${digest('0')}\n`)
    write('deploy/base/m/deployment.yaml', 'containers:\n  - image: quay.io/p/p:v1.0.0\n  - image: flask-app\n')
    const lookUp = async (image: string) => {
      if (image.startsWith('gcr.io')) throw new RegistryError('unreachable')
      return image.startsWith('quay.io') ? digest('d') : digest('e')
    }
    assert.equal(await pinImages(root, lookUp), 1)
    assert.equal(
      read('apps/a/Dockerfile'),
      `ARG BUILD_IMAGE=docker.io/library/node:24.21.0@${digest('e')}\nARG RUNTIME_IMAGE=gcr.io/away/node:nonroot\nFROM x\n`,
    )
    assert.equal(read('libs/b/Dockerfile'), `ARG BUILD_IMAGE=docker.io/library/node:24.21.0@${digest('e')}\n`)
    assert.match(
      read('deploy/base/m/deployment.yaml'),
      new RegExp(`image: quay.io/p/p:v1.0.0@${digest('d')}\n  - image: flask-app\n`),
    )
    const after = read('apps/a/Dockerfile')
    assert.equal(await pinImages(root, lookUp), 1)
    assert.equal(read('apps/a/Dockerfile'), after)
  } finally {
    rmSync(root, { recursive: true })
  }
})
