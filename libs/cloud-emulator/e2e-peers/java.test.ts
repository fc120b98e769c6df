import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startEmulatorWithCredentials } from './emulator-with-credentials.ts'
import { installPeer } from './peer-client.ts'
import { runProgram } from './run-program.ts'
import { testOtlpProtocols } from './test-otlp-protocols.ts'

test('clients for Java', async (context) => {
  const client = await installPeer(context, 'java', 'maven')
  if (!client) return

  await testOtlpProtocols(context, {
    send: (env) => client.run(['Send.java'], env),
    protocols: ['http/protobuf', 'grpc'],
    defaultProtocol: 'grpc',
  })

  await context.test('google-cloud-logging writes, tails, lists and deletes', async (context) => {
    const { env } = await startEmulatorWithCredentials(context)
    const trustStore = join(tmpdir(), `peer-${process.pid}.p12`)
    context.after(() => rm(trustStore, { force: true }))
    const made = await runProgram(
      'keytool',
      ['-importcert', '-noprompt', '-alias', 'emulator', '-file', env.SSL_CERT_FILE ?? ''].concat([
        '-keystore',
        trustStore,
        '-storepass',
        'changeit',
      ]),
      { cwd: tmpdir(), env: process.env, timeoutMs: 60_000 },
    )
    assert.equal(made.code, 0, made.stderr)
    const trust = [`-Djavax.net.ssl.trustStore=${trustStore}`, '-Djavax.net.ssl.trustStorePassword=changeit']
    const lines = await client.run([...trust, 'GoogleLogging.java'], env)
    assert.deepEqual(lines.split('\n'), [
      'tailed: said during the tail',
      'listed: [java says ERROR {from=java}]',
      'deleted: true',
      'left: false',
    ])
  })
})
