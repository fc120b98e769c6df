import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { entryOf, timeAt } from '../../test/testing/log-entries.ts'
import {
  type JsonAnswer,
  requestJson,
  startTestEmulator,
  type TestEmulator,
} from '../../test/testing/running-emulator.ts'

const write = (emulator: TestEmulator, entries: object[], more: object = {}): Promise<JsonAnswer> =>
  requestJson(`${emulator.url}/v2/entries:write`, { body: { entries, ...more } })
const list = (emulator: TestEmulator, more: object = {}): Promise<JsonAnswer> =>
  requestJson(`${emulator.url}/v2/entries:list`, { body: { resourceNames: ['projects/demo-project'], ...more } })
const texts = ({ json }: JsonAnswer): string[] =>
  (json.entries ?? []).map(({ textPayload }: { textPayload: string }) => textPayload)

test('an entry is returned as it was written, with missing fields filled in', async (context) => {
  const emulator = await startTestEmulator(context)
  const entry = {
    logName: 'projects/demo-project/logs/run.googleapis.com%2Fstdout',
    resource: { type: 'k8s_container', labels: { pod_name: 'a' } },
    timestamp: timeAt(0).replace('.000Z', '.123456789Z'),
    severity: 'WARNING',
    insertId: 'one',
    labels: { 'k8s-pod/app': 'shop' },
    jsonPayload: { message: 'm', list: [1, 'a', null, { b: true }] },
    httpRequest: { requestMethod: 'GET', status: 404, latency: '0.250s', requestSize: '12' },
    operation: { id: 'op', first: true },
    sourceLocation: { file: 'a.ts', line: '7', function: 'f' },
    trace: 'projects/demo-project/traces/0123456789abcdef0123456789abcdef',
    spanId: '0123456789abcdef',
    traceSampled: true,
  }
  assert.deepEqual(await write(emulator, [entry]), { status: 200, json: {} })
  const { json } = await list(emulator)
  assert.deepEqual(json.entries, [
    {
      ...entry,
      resource: { type: 'k8s_container', labels: { pod_name: 'a', project_id: 'demo-project' } },
      receiveTimestamp: timeAt(0).replace('.000Z', 'Z'),
    },
  ])
})

test('values of the request apply to entries without their own', async (context) => {
  const emulator = await startTestEmulator(context)
  const defaults = {
    logName: 'projects/demo-project/logs/a',
    resource: { type: 'global' },
    labels: { a: '1', b: '1' },
  }
  await write(emulator, [{ textPayload: 'x', labels: { b: '2' } }], defaults)
  const [entry] = (await list(emulator)).json.entries
  assert.deepEqual(entry.labels, { a: '1', b: '2' })
  assert.deepEqual(entry.timestamp, timeAt(0).replace('.000Z', 'Z'))
  assert.match(entry.insertId, /^[0-9a-z]+$/)
})

test('pages in both orders; duplicates are returned once', async (context) => {
  const emulator = await startTestEmulator(context)
  const entries = [3, 1, 2, 0].map((seconds) =>
    entryOf({ textPayload: String(seconds), timestamp: timeAt(-seconds), insertId: 'x' }),
  )
  await write(emulator, entries)
  await write(emulator, entries.slice(0, 2))
  const collect = async (orderBy: string): Promise<string[][]> => {
    const pages: string[][] = []
    let pageToken = ''
    do {
      const page = await list(emulator, { orderBy, pageSize: 3, pageToken })
      pages.push(texts(page))
      pageToken = page.json.nextPageToken ?? ''
    } while (pageToken !== '')
    return pages
  }
  assert.deepEqual(await collect('timestamp asc'), [['3', '2', '1'], ['0']])
  assert.deepEqual(await collect('timestamp desc'), [['0', '1', '2'], ['3']])
  assert.equal((await list(emulator, { pageToken: 'made-up' })).status, 400)
})

describe('rejected entries', () => {
  const cases: [what: string, entry: Record<string, unknown>, message: RegExp][] = [
    ['without a log', { logName: '' }, /Field entries\[0\]\.log_name .* must have the form projects\//],
    ['of a log with a slash', { logName: 'projects/p/logs/a/b' }, /with the ID URL-encoded/],
    ['of a log with a space', { logName: 'projects/p/logs/a%20b' }, /\[LOG_ID\] may have letters/],
    ['without a resource', { resource: undefined }, /Field entries\[0\]\.resource .* is required/],
    ['from the day after tomorrow', { timestamp: timeAt(2 * 86_400) }, /more than 24 hours in the future/],
    [
      'that are too large',
      { textPayload: 'x'.repeat(300_000) },
      /^Log entry with size 293\.\dK exceeds maximum size of 256\.0K/,
    ],
  ]
  for (const [what, changes, message] of cases)
    test(what, async (context) => {
      const emulator = await startTestEmulator(context)
      const { status, json } = await write(emulator, [entryOf(changes), entryOf()])
      assert.equal(status, 400)
      assert.match(json.error.message, message)
      assert.match(json.error.message, /none was written$/)
      assert.equal((await list(emulator)).json.entries, undefined)
      const { refusals, total } = (await requestJson(`${emulator.url}/api/refusals?project=demo-project`)).json
      assert.equal(total, 2)
      assert.match(refusals[0].message, message)
    })

  test('one by one with partialSuccess, and not at all with dryRun', async (context) => {
    const emulator = await startTestEmulator(context)
    const entries = [entryOf({ logName: 'x' }), entryOf({ textPayload: 'good' })]
    const partial = await write(emulator, entries, { partialSuccess: true })
    assert.equal(partial.status, 400)
    const [details] = partial.json.error.details
    assert.equal(details['@type'], 'type.googleapis.com/google.logging.v2.WriteLogEntriesPartialErrors')
    assert.deepEqual(Object.keys(details.logEntryErrors), ['0'])
    assert.equal(details.logEntryErrors['0'].code, 3)
    assert.deepEqual(texts(await list(emulator)), ['good'])
    assert.equal((await write(emulator, [entryOf()], { dryRun: true })).status, 200)
    assert.equal((await list(emulator)).json.entries.length, 1)
  })

  test('older than the retention: the call succeeds', async (context) => {
    const emulator = await startTestEmulator(context, { retentionSeconds: 60 })
    assert.equal((await write(emulator, [entryOf({ timestamp: timeAt(-61) }), entryOf()])).status, 200)
    assert.equal((await list(emulator)).json.entries.length, 1)
    const [refusal] = (await requestJson(`${emulator.url}/api/refusals`)).json.refusals
    assert.deepEqual([refusal.reason, refusal.points], ['age', 1])
  })
})

describe('rejected requests for entries', () => {
  const cases: [request: object, message: RegExp][] = [
    [{ resourceNames: [] }, /Field resource_names .* From 1 to 100 names/],
    [{ resourceNames: Array(101).fill('projects/p') }, /From 1 to 100 names are required; there are 101/],
    [{ resourceNames: ['organizations/1'] }, /Only projects have logs here/],
    [{ orderBy: 'severity' }, /Field order_by .*"timestamp asc"/],
    [{ pageSize: -1 }, /must not be negative/],
    [{ filter: 'status=1' }, /Unparseable filter: syntax error at line 1, column 1/],
  ]
  for (const [request, message] of cases)
    test(JSON.stringify(request).slice(0, 100), async (context) => {
      const { status, json } = await list(await startTestEmulator(context), request)
      assert.equal(status, 400)
      assert.match(json.error.message, message)
    })
})

test('logs are listed and deleted by name', async (context) => {
  const emulator = await startTestEmulator(context)
  const logName = 'projects/demo-project/logs/a%2Fb'
  await write(emulator, [entryOf(), entryOf({ logName })])
  const logs = `${emulator.url}/v2/projects/demo-project/logs`
  assert.deepEqual((await requestJson(logs)).json.logNames, [logName, 'projects/demo-project/logs/app'])
  assert.equal((await requestJson(`${logs}/a%2Fb`, { method: 'DELETE' })).status, 200)
  assert.equal((await requestJson(`${logs}/a%2Fb`, { method: 'DELETE' })).status, 404)
  assert.deepEqual((await requestJson(logs)).json.logNames, ['projects/demo-project/logs/app'])
})

test('a view of a bucket means its project', async (context) => {
  const emulator = await startTestEmulator(context)
  await write(emulator, [entryOf()])
  const resourceNames = ['projects/demo-project/locations/global/buckets/_Default/views/_AllLogs']
  assert.equal((await list(emulator, { resourceNames })).json.entries.length, 1)
})
