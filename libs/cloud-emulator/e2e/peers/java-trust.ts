import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { runProgram } from './run-program.ts'

/** Options for `java` to trust a certificate authority, with a trust store that is removed after the test. */
export async function javaTrust(context: TestContext, caFile: string): Promise<readonly string[]> {
  const trustStore = join(tmpdir(), `peer-${process.pid}.p12`)
  context.after(() => rm(trustStore, { force: true }))
  await rm(trustStore, { force: true })
  const made = await runProgram(
    'keytool',
    ['-importcert', '-noprompt', '-alias', 'emulator', '-file', caFile].concat([
      '-keystore',
      trustStore,
      '-storepass',
      'changeit',
    ]),
    { cwd: tmpdir(), env: process.env, timeoutMs: 60_000 },
  )
  assert.equal(made.code, 0, made.stderr)
  return [`-Djavax.net.ssl.trustStore=${trustStore}`, '-Djavax.net.ssl.trustStorePassword=changeit']
}
