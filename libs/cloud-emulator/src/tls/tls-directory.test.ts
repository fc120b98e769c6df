import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { createCertificates } from './certificates.ts'
import { openTlsDirectory } from './tls-directory.ts'

const OPTIONS = { projectId: 'demo-project', tokenUrl: 'http://127.0.0.1:8085/token' }

async function newDirectory(context: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tls-'))
  context.after(() => rm(directory, { recursive: true }))
  return join(directory, 'not', 'there', 'yet')
}

test('the certificates are valid for this machine', () => {
  const made = createCertificates()
  const authority = new X509Certificate(made.caCertificate)
  const server = new X509Certificate(made.serverCertificate)
  assert.equal(authority.ca, true)
  assert.equal(server.ca, false)
  assert.ok(server.verify(authority.publicKey))
  assert.ok(server.checkIssued(authority))
  assert.ok(authority.verify(authority.publicKey))
  assert.ok(server.checkPrivateKey(createPrivateKey(made.serverKey)))
  assert.equal(server.checkHost('localhost'), 'localhost')
  assert.equal(server.checkIP('127.0.0.1'), '127.0.0.1')
  assert.equal(server.checkIP('::1'), '::1')
  assert.equal(server.checkHost('evil.example'), undefined)
  assert.ok(server.validFromDate < new Date() && server.validToDate > new Date())
  assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  assert.notEqual(createCertificates().serverKey, made.serverKey)
})

describe('the directory', () => {
  test('private keys are readable by their owner only', async (context) => {
    const directory = await newDirectory(context)
    const { caFile, credentialsFile, written } = await openTlsDirectory(directory, OPTIONS)
    assert.equal(written, true)
    const mode = async (file: string) => ((await stat(file)).mode & 0o777).toString(8)
    assert.equal(await mode(credentialsFile), '600')
    assert.equal(await mode(join(directory, 'server.key')), '600')
    assert.equal(await mode(caFile), '644')
    const credentials = JSON.parse(await readFile(credentialsFile, 'utf8'))
    assert.deepEqual(
      [credentials.type, credentials.project_id, credentials.token_url],
      ['external_account_authorized_user', 'demo-project', OPTIONS.tokenUrl],
    )
  })

  test("has credentials for the emulator's current address, and the same certificates", async (context) => {
    const directory = await newDirectory(context)
    const first = await openTlsDirectory(directory, OPTIONS)
    const moved = await openTlsDirectory(directory, { ...OPTIONS, tokenUrl: 'http://127.0.0.1:9999/token' })
    assert.deepEqual([moved.written, moved.server], [true, first.server])
    assert.match(await readFile(moved.credentialsFile, 'utf8'), /"token_url": "http:\/\/127\.0\.0\.1:9999\/token"/)
  })

  test('is used again while it is valid', async (context) => {
    const directory = await newDirectory(context)
    const first = await openTlsDirectory(directory, OPTIONS)
    const second = await openTlsDirectory(directory, OPTIONS)
    assert.equal(second.written, false)
    assert.deepEqual(second.server, first.server)
  })

  for (const file of ['ca.crt', 'server.crt', 'server.key']) {
    test(`is rewritten if ${file} is invalid`, async (context) => {
      const directory = await newDirectory(context)
      const first = await openTlsDirectory(directory, OPTIONS)
      await writeFile(join(directory, file), 'broken')
      const second = await openTlsDirectory(directory, OPTIONS)
      assert.equal(second.written, true)
      assert.notEqual(second.server.privateKey, first.server.privateKey)
      assert.equal((await openTlsDirectory(directory, OPTIONS)).written, false)
    })
  }
})
