import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { entryOf, timeAt } from '../../../test/testing/log-entries.ts'
import { requestJson, startTestEmulator, type TestEmulator } from '../../../test/testing/running-emulator.ts'
import { START_SECONDS } from '../../../test/testing/time-series.ts'

const EVENT = /^event: entries\ndata: (.*)\n\n/m

const write = async ({ url }: TestEmulator, ...entries: object[]): Promise<void> => {
  assert.equal((await requestJson(`${url}/v2/entries:write`, { body: { entries } })).status, 200)
}

async function filled(context: TestContext): Promise<TestEmulator> {
  const emulator = await startTestEmulator(context)
  await write(
    emulator,
    ...[0, 10, 20, 30, 40, 50].map((seconds) =>
      entryOf({
        textPayload: `at ${seconds}`,
        timestamp: timeAt(seconds - 60),
        severity: seconds % 20 === 0 ? 'ERROR' : 'INFO',
      }),
    ),
  )
  return emulator
}

describe('GET /api/logs', () => {
  const startMs = (START_SECONDS - 60) * 1000
  const interval = `start=${startMs}&end=${startMs + 60_000}`

  test('newest first, in pages, within an interval', async (context) => {
    const { url } = await filled(context)
    const get = async (query: string) => (await requestJson(`${url}/api/logs?${query}`)).json
    const first = await get(`${interval}&limit=4`)
    const texts = ({ entries }: { entries: { textPayload: string }[] }) => entries.map(({ textPayload }) => textPayload)
    assert.deepEqual(texts(first), ['at 50', 'at 40', 'at 30', 'at 20'])
    const second = await get(`${interval}&limit=4&pageToken=${first.nextPageToken}`)
    assert.deepEqual([texts(second), second.nextPageToken], [['at 10', 'at 0'], ''])
    assert.deepEqual(texts(await get(`start=${startMs + 25_000}&end=${startMs + 45_000}`)), ['at 40', 'at 30'])
    assert.deepEqual(texts(await get(`${interval}&query=severity%3DERROR%20"at 2"`)), ['at 20'])
    assert.deepEqual(texts(await get(`${interval}&severity=warning&query=at`)), ['at 40', 'at 20', 'at 0'])
    assert.deepEqual(texts(await get('')), ['at 50', 'at 40', 'at 30', 'at 20', 'at 10', 'at 0'])
  })

  test('counts by severity over time', async (context) => {
    const { url } = await filled(context)
    const { json } = await requestJson(`${url}/api/logs?${interval}&buckets=3&limit=1`)
    assert.deepEqual(json.histogram, {
      startMs,
      stepMs: 20_000,
      counts: [
        { ERROR: 1, INFO: 1 },
        { ERROR: 1, INFO: 1 },
        { ERROR: 1, INFO: 1 },
      ],
      total: 6,
    })
    const errors = await requestJson(`${url}/api/logs?${interval}&buckets=2&query=severity>=ERROR`)
    assert.deepEqual(errors.json.histogram.counts, [{ ERROR: 2 }, { ERROR: 1 }])
  })

  for (const [query, message] of [
    ['query=severity%3D', /Unparseable filter: syntax error at line 1, column 10/],
    ['severity=loud', /Field severity .*DEFAULT, DEBUG/],
    ['start=2000&end=1000', /Field start .* must be before the end/],
    ['limit=0', /Field limit/],
    ['buckets=1000', /Field buckets/],
    ['pageToken=x', /Field pageToken/],
  ] as const)
    test(`rejects ${query}`, async (context) => {
      const { url } = await startTestEmulator(context)
      const { status, json } = await requestJson(`${url}/api/logs?${query}`)
      assert.equal(status, 400)
      assert.match(json.error.message, message)
    })
})

test('GET /api/logs/tail returns matching entries as they are written', async (context) => {
  const emulator = await startTestEmulator(context)
  const abort = new AbortController()
  context.after(() => abort.abort())
  const response = await fetch(`${emulator.url}/api/logs/tail?query=severity>=ERROR`, { signal: abort.signal })
  assert.ok(response.body)
  await write(emulator, entryOf({ severity: 'ERROR', textPayload: 'yes' }), entryOf({ textPayload: 'no' }))
  let text = ''
  for await (const chunk of response.body) {
    text += Buffer.from(chunk).toString()
    if (EVENT.test(text)) break
  }
  const data = JSON.parse(EVENT.exec(text)?.[1] ?? '')
  assert.deepEqual(
    data.entries.map(({ textPayload }: { textPayload: string }) => textPayload),
    ['yes'],
  )
  assert.equal(data.suppressed, 0)
})
