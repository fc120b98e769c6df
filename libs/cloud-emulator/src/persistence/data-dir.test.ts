import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { requestJson } from '../../test/testing/running-emulator.ts'
import { startEmulator } from '../emulator.ts'

const PROJECT = '/v3/projects/demo-project'
const DASHBOARDS = '/v1/projects/demo-project/dashboards'

const series = (value: number, endTime: string) => ({
  timeSeries: [
    {
      metric: { type: 'custom.googleapis.com/x' },
      resource: { type: 'global', labels: { project_id: 'demo-project' } },
      points: [{ interval: { endTime }, value: { doubleValue: value } }],
    },
  ],
})

test('written data exists after a restart, and deleted data does not', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'data-dir-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  const start = () => startEmulator({ dataDir: join(folder, 'data') })
  const startMs = Date.now() - 30_000
  const at = (seconds: number) => new Date(startMs + seconds * 1000).toISOString()
  const url = (emulator: { httpPort: number }, path: string) => `http://127.0.0.1:${emulator.httpPort}${path}`
  const read = async (emulator: { httpPort: number }) => ({
    points: (
      await requestJson(
        url(
          emulator,
          `${PROJECT}/timeSeries?filter=metric.type%3D%22custom.googleapis.com%2Fx%22&interval.startTime=${at(-60)}&interval.endTime=${at(60)}`,
        ),
      )
    ).json.timeSeries,
    dashboards: (await requestJson(url(emulator, DASHBOARDS))).json.dashboards,
  })

  const first = await start()
  for (const seconds of [0, 10, 20]) {
    const answer = await requestJson(url(first, `${PROJECT}/timeSeries`), { body: series(seconds, at(seconds)) })
    assert.equal(answer.status, 200, JSON.stringify(answer.json))
  }
  const refused = await requestJson(url(first, `${PROJECT}/timeSeries`), { body: series(1, at(5)) })
  assert.equal(refused.status, 400)
  const names: string[] = []
  for (const displayName of ['a', 'a', 'b']) {
    const { json } = await requestJson(url(first, DASHBOARDS), { body: { displayName, gridLayout: {} } })
    names.push(json.name)
  }
  assert.equal(new Set(names).size, 3)
  await requestJson(url(first, `/v1/${names[1]}`), { method: 'DELETE' })
  const before = await read(first)
  assert.equal(before.points[0].points.length, 3)
  assert.equal(before.dashboards.length, 2)
  await first.close()

  const second = await start()
  assert.deepEqual(await read(second), before)
  assert.equal(second.state.clock.stands, false)
  await requestJson(url(second, '/reset'), { method: 'POST', body: {} })
  await second.close()

  const third = await start()
  assert.deepEqual(await read(third), { points: undefined, dashboards: undefined })
  await third.close()
})

test('a call that is nested too deeply is rejected, and does not prevent loading at the next start', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'data-dir-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  const start = () => startEmulator({ dataDir: join(folder, 'data') })
  const write = async (emulator: { httpPort: number }, levels: number): Promise<number> => {
    const jsonPayload = JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
    const entry = { logName: 'projects/demo-project/logs/app', resource: { type: 'global' }, jsonPayload }
    const url = `http://127.0.0.1:${emulator.httpPort}/v2/entries:write`
    return (await requestJson(url, { body: { entries: [entry] } })).status
  }
  const first = await start()
  assert.deepEqual([await write(first, 20), await write(first, 80)], [200, 400])
  await first.close()
  const second = await start()
  const { json } = await requestJson(`http://127.0.0.1:${second.httpPort}/api/summary`)
  assert.equal(json.logEntries, 1)
  await second.close()
})

test('assigned names and times are restored, and verified channels stay verified', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'data-dir-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  const channels = `${PROJECT}/notificationChannels`
  const start = async () => {
    const emulator = await startEmulator({ dataDir: join(folder, 'data') })
    const call = async (path: string, body?: object) =>
      (await requestJson(`http://127.0.0.1:${emulator.httpPort}${path}`, body ? { body } : {})).json
    context.after(() => emulator.close())
    return { emulator, call }
  }
  const first = await start()
  // The style of a text is filled in after the dashboard is assigned its name.
  await first.call(DASHBOARDS, { displayName: 'd', gridLayout: { widgets: [{ text: { content: 'x' } }] } })
  const sms = { type: 'sms', displayName: 's', labels: { number: '+15555550100' } }
  const { name } = await first.call(channels, sms)
  for (let attempt = 0; attempt < 2; attempt++) await first.call(`/v3/${name}:sendVerificationCode`, {})
  const { notifications } = await first.call('/api/alerting')
  const [, code] = /(G-\d+)/.exec(notifications[0].text) ?? []
  await first.call(`/v3/${name}:verify`, { code })
  const logName = 'projects/demo-project/logs/app'
  const entries = [{ logName, resource: { type: 'global' }, textPayload: 'x', insertId: 'one' }]
  await first.call('/v2/entries:write', { entries })
  const read = async ({ call }: typeof first) => [
    await call(DASHBOARDS),
    await call(channels),
    await call('/v2/entries:list', { resourceNames: ['projects/demo-project'] }),
  ]
  const before = await read(first)
  await first.emulator.close()
  const second = await start()
  assert.deepEqual(await read(second), before)
  assert.equal((await second.call(`/v3/${name}`)).verificationStatus, 'VERIFIED')
})
