import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { policyJson, sloJson } from '../../../test/testing/alerting-calls.ts'
import { requestJson, startTestEmulator } from '../../../test/testing/running-emulator.ts'
import { seriesJson, TEST_TYPE } from '../../../test/testing/time-series.ts'

const PROJECT = 'projects/demo-project'

interface Collection {
  /** The path that lists its members. */
  readonly path: string
  /** The field of the response. */
  readonly field: string
  /** The prerequisites. */
  readonly within?: { readonly path: string; readonly body: object }
  readonly createAt?: string
  readonly body: (index: number) => object
  readonly version: 'v1' | 'v2' | 'v3'
  readonly order?: string
}

const uptimeCheck = (index: number) => ({
  displayName: `${index % 2}`,
  monitoredResource: { type: 'uptime_url', labels: { host: 'example.invalid' } },
  httpCheck: {},
  timeout: '10s',
})
/** Every list whose members can be deleted. */
const COLLECTIONS: readonly Collection[] = [
  {
    path: `${PROJECT}/dashboards`,
    field: 'dashboards',
    version: 'v1',
    body: (index) => ({ displayName: `${index}`, gridLayout: {} }),
  },
  {
    path: `${PROJECT}/metricDescriptors`,
    field: 'metricDescriptors',
    version: 'v3',
    body: (index) => ({ type: `custom.googleapis.com/${index}`, metricKind: 'GAUGE', valueType: 'DOUBLE' }),
  },
  { path: `${PROJECT}/alertPolicies`, field: 'alertPolicies', version: 'v3', body: () => policyJson() },
  {
    path: `${PROJECT}/alertPolicies`,
    field: 'alertPolicies',
    version: 'v3',
    order: '-display_name',
    body: (index) => policyJson({ displayName: `${index % 2}` }),
  },
  {
    path: `${PROJECT}/notificationChannels`,
    field: 'notificationChannels',
    version: 'v3',
    body: () => ({ type: 'email', labels: { email_address: 'me@example.com' } }),
  },
  {
    path: `${PROJECT}/groups`,
    field: 'group',
    version: 'v3',
    body: (index) => ({ displayName: `${index}`, filter: 'resource.type = "global"' }),
  },
  { path: `${PROJECT}/uptimeCheckConfigs`, field: 'uptimeCheckConfigs', version: 'v3', body: uptimeCheck },
  { path: `${PROJECT}/services`, field: 'services', version: 'v3', body: () => ({ displayName: 'shop', custom: {} }) },
  {
    path: `${PROJECT}/services/shop/serviceLevelObjectives`,
    field: 'serviceLevelObjectives',
    version: 'v3',
    within: { path: `${PROJECT}/services?serviceId=shop`, body: { displayName: 'shop', custom: {} } },
    body: () => sloJson(),
  },
  {
    path: `${PROJECT}/logs`,
    field: 'logNames',
    version: 'v2',
    createAt: 'entries:write',
    body: (index) => ({
      logName: `${PROJECT}/logs/log-${index}`,
      resource: { type: 'global' },
      entries: [{ textPayload: 'x' }],
    }),
  },
]
const MEMBERS = 7

describe('a loop that lists pages and deletes their items leaves nothing behind', () => {
  for (const { path, field, version, within, createAt = path, body, order } of COLLECTIONS)
    test(`${path}${order === undefined ? '' : `, ordered by ${order}`}`, async (context) => {
      const { url } = await startTestEmulator(context)
      const api = `${url}/${version}`
      if (within) assert.equal((await requestJson(`${api}/${within.path}`, { body: within.body })).status, 200)
      for (let index = 0; index < MEMBERS; index++) {
        const { status, json } = await requestJson(`${api}/${createAt}`, { body: body(index) })
        assert.equal(status, 200, JSON.stringify(json))
      }
      const given: string[] = []
      let pageToken = ''
      do {
        const query = new URLSearchParams({
          pageSize: '2',
          pageToken,
          ...(order === undefined ? {} : { orderBy: order }),
        })
        const { status, json } = await requestJson(`${api}/${path}?${query}`)
        assert.equal(status, 200, JSON.stringify(json))
        for (const one of json[field] ?? []) {
          const name: string = typeof one === 'string' ? one : one.name
          given.push(name)
          assert.equal((await requestJson(`${api}/${name}`, { method: 'DELETE' })).status, 200, name)
        }
        pageToken = json.nextPageToken ?? ''
      } while (pageToken !== '')
      assert.deepEqual([given.length, new Set(given).size], [MEMBERS, MEMBERS])
      assert.equal((await requestJson(`${api}/${path}`)).json[field], undefined)
    })
})

test("every list with pages is in the table, unless its items can't be deleted individually", async (context) => {
  const { state } = await startTestEmulator(context)
  const isPaged = ({ requestType }: { requestType: { fields: object } }) => 'pageToken' in requestType.fields
  const lists = state.dispatcher.methods.filter(isPaged).map(({ name }) => name)
  const fields = new Set(COLLECTIONS.map((one) => one.field.toLowerCase()))
  const others = [
    ...['ListMonitoredResourceDescriptors', 'ListNotificationChannelDescriptors', 'ListUptimeCheckIps'],
    ...['ListTimeSeries', 'ListGroupMembers', 'ListSnoozes', 'ListAlerts', 'ListTraces', 'ListLogEntries'],
  ]
  const left = lists.filter((name) => {
    const listed = name.replace('List', '').toLowerCase()
    return (
      !others.includes(name) &&
      ![...fields].some((field) => listed.startsWith(field) || field.startsWith(listed.slice(0, -1)))
    )
  })
  assert.deepEqual(left, [])
})

test('series that are evicted between pages do not affect the others', async (context) => {
  const { url } = await startTestEmulator(context, { maxSeries: 6 })
  const write = async (...labels: string[]): Promise<void> => {
    const timeSeries = labels.map((a) => seriesJson({ labels: { a } }))
    assert.equal((await requestJson(`${url}/v3/${PROJECT}/timeSeries`, { body: { timeSeries } })).status, 200)
  }
  await write('1', '2', '3', '4', '5', '6')
  const given: string[] = []
  let pageToken = ''
  do {
    const query = new URLSearchParams({
      filter: `metric.type = "${TEST_TYPE}"`,
      'interval.startTime': '2026-01-02T03:00:00Z',
      'interval.endTime': '2026-01-02T03:05:00Z',
      pageSize: '2',
      pageToken,
    })
    const { json } = await requestJson(`${url}/v3/${PROJECT}/timeSeries?${query}`)
    for (const { metric } of json.timeSeries ?? []) given.push(metric.labels.a)
    if (pageToken === '') await write('7')
    pageToken = json.nextPageToken ?? ''
  } while (pageToken !== '')
  assert.equal(new Set(given).size, given.length)
  assert.deepEqual(
    ['2', '3', '4', '5', '6'].filter((a) => !given.includes(a)),
    [],
  )
})
