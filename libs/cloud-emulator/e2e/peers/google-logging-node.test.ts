import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestJson } from '../../test/testing/running-emulator.ts'
import { startEmulatorWithCredentials } from './emulator-with-credentials.ts'
import { installPeer } from './peer-client.ts'

test("Google's loggers for Node", async (context) => {
  const client = await installPeer(context, 'google-logging-node', 'npm')
  if (!client) return

  await context.test('@google-cloud/logging writes, tails, lists and deletes', async (context) => {
    const { env } = await startEmulatorWithCredentials(context)
    const answer: unknown = JSON.parse(await client.run(['write-list-tail.mjs'], env))
    assert.deepEqual(answer, {
      tailed: { message: 'hello', step: 'during' },
      listed: [{ data: { message: 'hello', step: 'before' }, severity: 'ERROR', labels: { step: 'before' } }],
      logs: ['peer-log'],
      left: 0,
    })
  })

  await context.test('winston', async (context) => {
    const { env, emulator } = await startEmulatorWithCredentials(context)
    await client.run(['winston.mjs'], env)
    const [entry, ...more] = await entriesWith(emulator.url, 'log_id("winston-log") jsonPayload.message:says')
    assert.deepEqual(more, [])
    assert.deepEqual(
      [entry?.severity, entry?.jsonPayload, entry?.labels],
      ['ERROR', { message: 'winston says', metadata: { order: 17 } }, { from: 'winston' }],
    )
  })

  await context.test("pino, with Google's configuration, by OTLP", async (context) => {
    const { env, emulator } = await startEmulatorWithCredentials(context)
    await client.run(['pino.mjs'], {
      ...env,
      OTEL_EXPORTER_OTLP_ENDPOINT: emulator.url,
      OTEL_SERVICE_NAME: 'pino-peer',
    })
    const [entry, ...more] = await entriesWith(emulator.url, 'log_id("pino-peer") textPayload="pino says"')
    assert.deepEqual(more, [])
    assert.deepEqual([entry?.severity, entry?.labels.order], ['WARNING', '17'])
  })
})

interface Entry {
  readonly severity: string
  readonly jsonPayload?: unknown
  readonly labels: Readonly<Record<string, string>>
}

async function entriesWith(url: string, filter: string): Promise<readonly Entry[]> {
  const body = { resourceNames: ['projects/demo-project'], filter }
  const { status, json } = await requestJson(`${url}/v2/entries:list`, { body })
  assert.equal(status, 200, JSON.stringify(json))
  return json.entries ?? []
}
