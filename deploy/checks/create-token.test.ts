import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { deployDir } from '../src/repository.ts'

interface Asked {
  readonly url: string
  readonly authorization: string
  readonly secret: { metadata: { name: string }; stringData: { token: string } }
}

let folder = ''
let server: Server
let api = ''
let status = 201
const asked: Asked[] = []

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'create-token-'))
  writeFileSync(join(folder, 'token'), 'pods-own-token\n')
  writeFileSync(join(folder, 'namespace'), 'default')
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method, url, headers } = request
    const secret = JSON.parse(Buffer.concat(chunks).toString())
    asked.push({ url: `${method} ${url}`, authorization: headers.authorization ?? '', secret })
    response.writeHead(status).end('{"reason":"because"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address !== null && typeof address !== 'string') api = `http://127.0.0.1:${address.port}`
})
after(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const run = (url: string) =>
  new Promise<{ code: number; output: string }>((resolve) => {
    const args = ['--no-warnings', join(deployDir, 'base/loadtester/create-token.mts')]
    const env = { ...process.env, SERVICE_ACCOUNT_DIR: folder, KUBERNETES_API: url }
    execFile(process.execPath, args, { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    )
  })

test('creates a Secret with a long random token, and never prints it', async () => {
  status = 201
  const first = await run(api)
  await run(api)
  assert.equal(first.code, 0)
  assert.equal(first.output, 'Secret default/loadtester-token created\n')
  const [one, two] = asked.splice(0)
  assert.equal(one?.url, 'POST /api/v1/namespaces/default/secrets')
  assert.equal(one?.authorization, 'Bearer pods-own-token')
  assert.equal(one?.secret.metadata.name, 'loadtester-token')
  assert.match(one?.secret.stringData.token ?? '', /^[\w-]{32}$/)
  assert.notEqual(one?.secret.stringData.token, two?.secret.stringData.token)
})

test('keeps an existing Secret', async () => {
  status = 409
  assert.deepEqual(await run(api), { code: 0, output: 'Secret default/loadtester-token already exists: kept\n' })
})

test('exits with 1 and one line when the API refuses or is unreachable, so that the kubelet retries', async () => {
  status = 403
  const refused = await run(api)
  assert.equal(refused.code, 1)
  assert.match(refused.output, /secrets: 403 \{"reason":"because"\}\n$/)
  const away = await run('http://127.0.0.1:1')
  assert.equal(away.code, 1)
  assert.match(away.output, /secrets: 599 Error: ./)
})
