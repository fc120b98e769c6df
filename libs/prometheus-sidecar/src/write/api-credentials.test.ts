import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { applicationDefaultCredentials, CredentialsError, credentialsProject } from './api-credentials.ts'

const VARIABLE = 'GOOGLE_APPLICATION_CREDENTIALS'

describe('Application Default Credentials', () => {
  let folder = ''

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'credentials-'))
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const key = {
      type: 'service_account',
      project_id: 'project-of-the-key',
      client_email: 'writer@example.com',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    }
    await writeFile(join(folder, 'key.json'), JSON.stringify(key))
    await writeFile(join(folder, 'other.json'), JSON.stringify({ ...key, universe_domain: 'example.org' }))
    await writeFile(join(folder, 'broken.json'), '{')
  })

  after(() => rm(folder, { recursive: true }))

  const read = (file: string, universe: string) => {
    process.env[VARIABLE] = join(folder, file)
    return applicationDefaultCredentials({ GOOGLE_CLOUD_UNIVERSE_DOMAIN: universe })
  }

  for (const [file, universe] of [
    ['key.json', ''],
    ['key.json', 'googleapis.com'],
    ['other.json', 'example.org'],
  ] as const) {
    it(`are used from ${file} in the universe ${universe || 'that is not set'}`, async () => {
      assert.ok(await read(file, universe))
    })
  }

  for (const [file, universe, message] of [
    ['other.json', '', /the universe domain example\.org, and GOOGLE_CLOUD_UNIVERSE_DOMAIN is not set/],
    [
      'key.json',
      'example.org',
      /the universe domain googleapis\.com, and GOOGLE_CLOUD_UNIVERSE_DOMAIN is example\.org/,
    ],
    ['missing.json', '', /missing\.json does not exist/],
    ['broken.json', '', /no usable Google credentials: .*JSON/],
  ] as const) {
    it(`are refused from ${file} in the universe ${universe || 'that is not set'}`, async () => {
      await assert.rejects(read(file, universe), (error) => {
        assert.ok(error instanceof CredentialsError)
        assert.match(error.message, message)
        return true
      })
    })
  }

  it('name the project', async () => {
    process.env[VARIABLE] = join(folder, 'key.json')
    for (const name of ['GOOGLE_CLOUD_PROJECT', 'GCLOUD_PROJECT']) delete process.env[name]
    assert.equal(await credentialsProject(), 'project-of-the-key')
  })
})
