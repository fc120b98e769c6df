import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { describe, type TestContext, test } from 'node:test'
import { policyJson } from '../../../test/testing/alerting-calls.ts'
import { requestJson, startTestEmulator, type TestEmulator, writeAt } from '../../../test/testing/running-emulator.ts'
import { START_SECONDS } from '../../../test/testing/time-series.ts'
import type { NotificationRecord } from './notifier.ts'

const V3 = '/v3/projects/demo-project'
const LEVEL = 'custom.googleapis.com/level'

interface Received {
  readonly headers: IncomingHttpHeaders
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many forms
  readonly body: any
}

/** A receiver of webhooks that responds with each of the statuses in turn, and then with 200. */
async function receive(context: TestContext, statuses: number[] = []): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    received.push({ headers: request.headers, body: JSON.parse(text) })
    response.writeHead(statuses.shift() ?? 200, { location: '/elsewhere' }).end('thank you')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return { url: `http://127.0.0.1:${address.port}/hook`, received }
}

async function createChannel(emulator: TestEmulator, body: object): Promise<string> {
  const { status, json } = await requestJson(`${emulator.url}${V3}/notificationChannels`, { body })
  assert.equal(status, 200, JSON.stringify(json))
  return json.name
}

/** Writes a value every 30 s, and evaluates. */
async function pass(emulator: TestEmulator, from: number, to: number, value: number): Promise<void> {
  for (let seconds = from; seconds <= to; seconds += 30) {
    await writeAt(emulator, seconds, { type: LEVEL, value: { doubleValue: value } })
    await emulator.state.alerting.catchUp()
  }
}

/** The notifications, oldest first, once all have been sent. */
async function settled(emulator: TestEmulator): Promise<NotificationRecord[]> {
  for (;;) {
    const records = emulator.state.alerting.notifier.list('demo-project').reverse()
    if (records.every(({ outcome }) => outcome !== 'sending')) return records
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const shown = (records: readonly NotificationRecord[]) =>
  records.map(({ event, outcome, detail, attempts }) => [event, outcome, detail, attempts])

describe('an incident', () => {
  test('is sent to webhooks as it opens and closes, and recorded for other channels', async (context) => {
    const { url, received } = await receive(context, [503])
    const emulator = await startTestEmulator(context, { webhookWaitsMs: [1] })
    const basic = { type: 'webhook_basicauth', labels: { url, username: 'me', password: 'secret' } }
    const channels = [
      await createChannel(emulator, basic),
      await createChannel(emulator, { type: 'email', labels: { email_address: 'me@example.com' } }),
    ]
    const documentation = { content: 'Level of %{resource.type}'.replace('%', '$'), subject: 'Too high' }
    const body = policyJson({
      notificationChannels: channels,
      documentation,
      severity: 'CRITICAL',
      userLabels: { team: 'a' },
    })
    await requestJson(`${emulator.url}${V3}/alertPolicies`, { body })
    await pass(emulator, 0, 120, 2)
    assert.deepEqual(shown(await settled(emulator)), [
      ['opened', 'sent', '200', 2],
      ['opened', 'recorded', 'Channels of type "email" are recorded here, not sent.', 0],
    ])
    await pass(emulator, 150, 240, 0)
    await settled(emulator)
    assert.deepEqual(
      received.map(({ body: { incident } }) => incident.state),
      ['open', 'open', 'closed'],
    )
    const [, opened, closed] = received.map((one) => one.body)
    assert.equal(received[0]?.headers.authorization, `Basic ${Buffer.from('me:secret').toString('base64')}`)
    const { condition, incident_id, summary, url: page, scoping_project_number, ...rest } = opened.incident
    assert.equal(opened.version, '1.2')
    assert.equal(condition.conditionThreshold.thresholdValue, 1)
    assert.match(page, new RegExp(`^http://127\\.0\\.0\\.1:${emulator.httpPort}/#/alerts/${incident_id}\\?`))
    assert.equal(
      summary,
      `${LEVEL} for demo-project Global labels {project_id=demo-project} is above the threshold of 1.000 with a value of 2.000.`,
    )
    assert.ok(Number.isSafeInteger(scoping_project_number))
    assert.deepEqual(rest, {
      condition_name: 'above one',
      documentation: { content: 'Level of global', mime_type: 'text/markdown', subject: '[ALERT - Critical] Too high' },
      ended_at: null,
      metadata: { system_labels: {}, user_labels: {} },
      metric: { displayName: LEVEL, labels: {}, type: LEVEL },
      observed_value: '2.000',
      policy_name: 'too high',
      policy_user_labels: { team: 'a' },
      resource: { labels: { project_id: 'demo-project' }, type: 'global' },
      resource_id: '',
      resource_name: 'demo-project Global labels {project_id=demo-project}',
      resource_type_display_name: 'Global',
      scoping_project_id: 'demo-project',
      severity: 'Critical',
      started_at: START_SECONDS + 90,
      state: 'open',
      threshold_value: '1',
    })
    assert.equal(closed.incident.incident_id, incident_id)
    assert.ok(closed.incident.ended_at > START_SECONDS + 120)
    assert.equal(closed.incident.documentation.subject, '[RESOLVED - Critical] Too high')
    assert.match(closed.incident.summary, /\} returned to normal with a value of 1\.000\.$/)
  })

  const outcomes: [what: string, statuses: number[], end: unknown[]][] = [
    ['is not retried if it is rejected', [400], ['failed', '400', 1]],
    ['does not follow redirects', [302], ['failed', '302', 1]],
    ['is abandoned after some attempts', [500, 500, 500], ['failed', '500', 3]],
    ['is retried after too many requests', [429, 429], ['sent', '200', 3]],
  ]
  for (const [what, statuses, end] of outcomes)
    test(`a webhook ${what}`, async (context) => {
      const { url } = await receive(context, statuses)
      const emulator = await startTestEmulator(context, { webhookWaitsMs: [1, 1] })
      const channel = await createChannel(emulator, { type: 'webhook_tokenauth', labels: { url } })
      const { alerting } = emulator.state
      alerting.notifier.test('demo-project', alerting.channels.get(channel))
      assert.deepEqual(shown(await settled(emulator)), [['test', ...end]])
    })

  for (const [host, detail] of [
    [
      'hooks.example.com',
      /only this machine is, unless the emulator is started with --notify\.allow hooks\.example\.com/,
    ],
    ['169.254.169.254', /never contacted/],
  ] as const)
    test(`is not sent to ${host}`, async (context) => {
      const emulator = await startTestEmulator(context, { notifyAllow: ['169.254.169.254'] })
      const labels = { url: `http://${host}/x` }
      const channel = await createChannel(emulator, { type: 'webhook_tokenauth', labels })
      const { alerting } = emulator.state
      alerting.notifier.test('demo-project', alerting.channels.get(channel))
      const [record] = await settled(emulator)
      assert.equal(record?.outcome, 'failed')
      assert.match(record?.detail ?? '', detail)
    })

  const policies: [what: string, changes: object, events: string[]][] = [
    ['only as it opens', { alertStrategy: { notificationPrompts: ['OPENED'] } }, ['opened']],
    ['not at all if the policy is disabled', { enabled: false }, []],
  ]
  for (const [what, changes, events] of policies)
    test(`is notified ${what}`, async (context) => {
      const emulator = await startTestEmulator(context)
      const channel = await createChannel(emulator, { type: 'pubsub', labels: { topic: 'projects/p/topics/t' } })
      const body = policyJson({ notificationChannels: [channel], ...changes })
      await requestJson(`${emulator.url}${V3}/alertPolicies`, { body })
      await pass(emulator, 0, 120, 2)
      await pass(emulator, 150, 240, 0)
      assert.deepEqual(
        (await settled(emulator)).map(({ event }) => event),
        events,
      )
    })

  test('is repeated while it is open, as the policy requests', async (context) => {
    const emulator = await startTestEmulator(context)
    const channel = await createChannel(emulator, { type: 'pubsub', labels: { topic: 'projects/p/topics/t' } })
    const strategy = { notificationChannelNames: [channel], renotifyInterval: '1800s' }
    const alertStrategy = { notificationChannelStrategy: [strategy] }
    const body = policyJson({ notificationChannels: [channel], alertStrategy })
    await requestJson(`${emulator.url}${V3}/alertPolicies`, { body })
    await pass(emulator, 0, 120, 2)
    emulator.setTime(4000)
    await emulator.state.alerting.catchUp()
    assert.deepEqual(
      (await settled(emulator)).map(({ event }) => event),
      ['opened', 'reminder'],
    )
  })
})

describe('a snooze', () => {
  test('prevents new incidents, and closes open ones without a notification', async (context) => {
    const emulator = await startTestEmulator(context)
    const channel = await createChannel(emulator, { type: 'pubsub', labels: { topic: 'projects/p/topics/t' } })
    const policy = await requestJson(`${emulator.url}${V3}/alertPolicies`, {
      body: policyJson({ notificationChannels: [channel] }),
    })
    const open = (): number => emulator.state.alerting.incidents.openOf(policy.json.name).size
    await pass(emulator, 0, 120, 2)
    assert.equal(open(), 1)
    const seconds = (at: number): string => new Date((START_SECONDS + at) * 1000).toISOString()
    const interval = { startTime: seconds(120), endTime: seconds(300) }
    const criteria = { policies: [policy.json.name], filter: 'resource.labels.project_id="demo-project"' }
    const snooze = await requestJson(`${emulator.url}${V3}/snoozes`, { body: { displayName: 's', criteria, interval } })
    assert.equal(snooze.status, 200, JSON.stringify(snooze.json))
    await pass(emulator, 150, 270, 2)
    assert.equal(open(), 0)
    assert.deepEqual(
      shown(await settled(emulator)).map(([event]) => event),
      ['opened'],
    )
    await pass(emulator, 300, 330, 2)
    assert.equal(open(), 1)

    const update = (mask: string, body: object) =>
      requestJson(`${emulator.url}/v3/${snooze.json.name}?updateMask=${mask}`, { method: 'PATCH', body })
    const ended = await update('interval.endTime', { interval: { endTime: seconds(900) } })
    assert.match(ended.json.error.message, /has ended and cannot be updated/)
  })

  const wrong: [what: string, changes: object, message: RegExp][] = [
    [
      'begins in the past',
      { interval: { startTime: '2020-01-01T00:00:00Z', endTime: '2030-01-01T00:00:00Z' } },
      /start_time .* past/,
    ],
    [
      'ends before it begins',
      { interval: { startTime: '2030-01-01T00:00:00Z', endTime: '2029-01-01T00:00:00Z' } },
      /end_time /,
    ],
    ['has an unknown policy', { criteria: { policies: ['x'] } }, /criteria\.policies\[0\] /],
    ['has no name', { displayName: '' }, /display_name /],
    ['has a filter of metric labels', { filter: 'metric.labels.a="b"' }, /criteria\.filter /],
  ]
  for (const [what, { filter, ...changes }, message] of wrong.map(
    ([one, all, text]) => [one, all as { filter?: string }, text] as const,
  ))
    test(`is rejected if it ${what}`, async (context) => {
      const { url } = await startTestEmulator(context)
      const policy = await requestJson(`${url}${V3}/alertPolicies`, { body: policyJson() })
      const body = {
        displayName: 's',
        interval: { startTime: '2030-01-01T00:00:00Z', endTime: '2031-01-01T00:00:00Z' },
        criteria: { policies: [policy.json.name], ...(filter === undefined ? {} : { filter }) },
        ...changes,
      }
      const { status, json } = await requestJson(`${url}${V3}/snoozes`, { body })
      assert.equal(status, 400)
      assert.match(json.error.message, message)
    })
})

describe('a channel', () => {
  test('returns only the end of secrets, and keeps them when it is updated', async (context) => {
    const emulator = await startTestEmulator(context)
    const labels = { channel_name: '#a', auth_token: 'xoxb-123456' }
    const name = await createChannel(emulator, { type: 'slack', labels })
    const { json } = await requestJson(`${emulator.url}/v3/${name}`)
    assert.equal(json.labels.auth_token, '*******3456')
    const body = { ...json, labels: { ...json.labels, channel_name: '#b' } }
    const updated = await requestJson(`${emulator.url}/v3/${name}`, { method: 'PATCH', body })
    assert.deepEqual(updated.json.labels, { channel_name: '#b', auth_token: '*******3456' })
    assert.equal(emulator.state.alerting.channels.get(name).labels.auth_token, 'xoxb-123456')
  })

  test('that policies use is deleted only with force', async (context) => {
    const emulator = await startTestEmulator(context)
    const channel = await createChannel(emulator, { type: 'pubsub', labels: { topic: 'projects/p/topics/t' } })
    const policy = await requestJson(`${emulator.url}${V3}/alertPolicies`, {
      body: policyJson({ notificationChannels: [channel] }),
    })
    const refused = await requestJson(`${emulator.url}/v3/${channel}`, { method: 'DELETE' })
    assert.deepEqual([refused.status, refused.json.error.status], [400, 'FAILED_PRECONDITION'])
    assert.equal((await requestJson(`${emulator.url}/v3/${channel}?force=true`, { method: 'DELETE' })).status, 200)
    const { json } = await requestJson(`${emulator.url}/v3/${policy.json.name}`)
    assert.equal(json.notificationChannels, undefined)
  })

  for (const [what, body, message] of [
    ['an unknown type', { type: 'pigeon' }, /channel\.type .*Known types are email, google_chat/],
    ['no address', { type: 'email' }, /labels\["email_address"\] /],
    ['an unknown label', { type: 'email', labels: { email_address: 'a@b', colour: 'red' } }, /labels\["colour"\] /],
    ['a URL of another kind', { type: 'webhook_tokenauth', labels: { url: 'ftp://x' } }, /an http or https URL/],
    ['a status', { type: 'sms', labels: { number: '123' }, verificationStatus: 'VERIFIED' }, /verification_status /],
    ['a name', { type: 'sms', name: 'x' }, /channel\.name /],
  ] as const)
    test(`is rejected with ${what}`, async (context) => {
      const { url } = await startTestEmulator(context)
      const { status, json } = await requestJson(`${url}${V3}/notificationChannels`, { body })
      assert.equal(status, 400)
      assert.match(json.error.message, message)
    })
})

test('groups contain the resources that match their filter and those of their ancestors', async (context) => {
  const emulator = await startTestEmulator(context)
  const node = (node_id: string, location: string) => ({
    type: LEVEL,
    resource: { type: 'generic_node', labels: { location, namespace: 'n', node_id } },
  })
  await writeAt(emulator, 0, node('1', 'us-east1'), node('2', 'us-east1'), node('1', 'us-west1'))
  const create = async (group: object): Promise<string> =>
    (await requestJson(`${emulator.url}${V3}/groups`, { body: { displayName: 'g', ...group } })).json.name
  const east = await create({ filter: 'resource.labels.location = "us-east1"' })
  const child = await create({ filter: 'resource.labels.node_id = "2"', parentName: east })
  const members = async (name: string, query = ''): Promise<string[]> => {
    const { json } = await requestJson(`${emulator.url}/v3/${name}/members${query}`)
    return (json.members ?? []).map(
      ({ labels }: { labels: Record<string, string> }) => `${labels.location} ${labels.node_id}`,
    )
  }
  assert.deepEqual(await members(east), ['us-east1 1', 'us-east1 2'])
  assert.deepEqual(await members(child), ['us-east1 2'])
  assert.deepEqual(await members(east, `?filter=${encodeURIComponent('resource.labels.node_id="1"')}`), ['us-east1 1'])
  emulator.setTime(120)
  assert.deepEqual(await members(east), [], 'no point in the last minute')
  const names = async (query: string): Promise<string[]> =>
    ((await requestJson(`${emulator.url}${V3}/groups?${query}`)).json.group ?? []).map(
      (one: { name: string }) => one.name,
    )
  assert.deepEqual(await names(`descendantsOfGroup=${east}`), [child])
  assert.deepEqual(await names(`ancestorsOfGroup=${child}`), [east])
  const refused = await requestJson(`${emulator.url}/v3/${east}`, { method: 'DELETE' })
  assert.equal(refused.json.error.status, 'FAILED_PRECONDITION')
  const circle = { name: east, displayName: 'g', filter: 'resource.type = "x"', parentName: child }
  assert.equal((await requestJson(`${emulator.url}/v3/${east}`, { method: 'PUT', body: circle })).status, 400)
  assert.equal((await requestJson(`${emulator.url}/v3/${east}?recursive=true`, { method: 'DELETE' })).status, 200)
  assert.deepEqual(await names(''), [])
})
