import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { policyJson } from '../../test/testing/alerting-calls.ts'
import { requestJson, startTestEmulator, type TestEmulator, writeAt } from '../../test/testing/running-emulator.ts'
import { START_SECONDS, TEST_TYPE } from '../../test/testing/time-series.ts'
import { type Api, ApiError, createApi } from './browser/client/api.ts'
import { PromqlClient, promqlWords } from './browser/client/promql-client.ts'

const fetchUrl = globalThis.fetch
const signal = new AbortController().signal

/** An emulator to which paths are relative, as on its pages. */
async function servedPage(context: TestContext): Promise<TestEmulator & { readonly api: Api }> {
  const emulator = await startTestEmulator(context)
  globalThis.fetch = (path, init) => fetchUrl(new URL(String(path), emulator.url), init)
  context.after(() => {
    globalThis.fetch = fetchUrl
  })
  return { ...emulator, api: createApi('demo-project') }
}

test('pages read written data', async (context) => {
  const emulator = await servedPage(context)
  const { api } = emulator
  for (const seconds of [0, 60, 120]) await writeAt(emulator, seconds, { labels: { a: 'x' } })
  const summary = await api.summary()
  assert.deepEqual([summary.project, summary.series, summary.points], ['demo-project', 1, 3])
  assert.deepEqual(
    (await api.metrics()).map(({ type }) => type),
    [TEST_TYPE],
  )
  assert.deepEqual((await api.labels(TEST_TYPE)).metricLabels, { a: ['x'] })
  assert.deepEqual((await api.labels()).metricLabels, { a: ['x'] })
  const filter = `metric.type="${TEST_TYPE}"`
  const query = { timeSeriesQuery: { timeSeriesFilter: { filter } } }
  const { results } = await api.query((START_SECONDS - 1) * 1000, (START_SECONDS + 120) * 1000, [query])
  assert.deepEqual(results[0]?.series?.[0]?.values, [1.5, 1.5, 1.5])
  assert.deepEqual((await api.refusals(10)).refusals, [])
  assert.deepEqual((await api.traces({ sort: 'slowest' })).traces, [])
  assert.deepEqual((await api.serviceMap({})).services, [])
  assert.deepEqual((await api.logs({ query: 'severity>=ERROR' })).entries, [])
})

test('pages list all dashboards, also of another project and across list pages', async (context) => {
  const { url, api } = await servedPage(context)
  for (const [project, name] of [
    ['demo-project', 'a'],
    ['demo-project', 'b'],
    ['other', 'c'],
  ])
    await requestJson(`${url}/v1/projects/${project}/dashboards`, { body: { displayName: name, gridLayout: {} } })
  const names = async (one: Api): Promise<unknown[]> =>
    (await one.dashboards()).map(({ displayName }) => displayName).sort()
  assert.deepEqual(await names(api), ['a', 'b'])
  assert.deepEqual(await names(createApi('other')), ['c'])
})

test('alerting pages read policies, and test channels', async (context) => {
  const { url, api } = await servedPage(context)
  const v3 = `${url}/v3/projects/demo-project`
  const policy = (await requestJson(`${v3}/alertPolicies`, { body: policyJson() })).json
  const channel = { type: 'email', labels: { email_address: 'me@example.com' } }
  const { name } = (await requestJson(`${v3}/notificationChannels`, { body: channel })).json
  await api.testChannel(name)
  const { policies, notifications } = await api.alerting()
  assert.deepEqual([policies[0]?.name, notifications[0]?.event], [policy.name, 'test'])
  assert.equal((await api.alertPolicy(policy.name)).displayName, 'too high')
})

test('errors have the message of the response, or say that there is none', async (context) => {
  const emulator = await servedPage(context)
  const { api } = emulator
  await assert.rejects(api.trace('0'.repeat(32)), (error) => error instanceof ApiError && error.code === 404)
  await assert.rejects(api.traces({ sort: 'colour' }), { code: 400, message: /^sort "colour" is unknown/ })
  const gone = new AbortController()
  gone.abort(new Error('gone'))
  await assert.rejects(api.summary(gone.signal), { message: 'gone' })
  await emulator.close()
  await assert.rejects(api.summary(), { code: 0, message: 'cloud-emulator does not respond' })
})

test('the PromQL tab runs and completes queries', async (context) => {
  const emulator = await servedPage(context)
  for (const seconds of [0, 60]) await writeAt(emulator, seconds, { labels: { a: 'x' } })
  const promql = new PromqlClient('demo-project')
  const metric = 'external_googleapis_com:prometheus_test'
  const { data } = await promql.instant(metric, (START_SECONDS + 60) * 1000, signal)
  assert.ok(data.resultType === 'vector')
  assert.equal(data.result[0]?.value?.[1], '1.5')
  assert.deepEqual(await promql.metricNames(), [metric])
  assert.ok((await promql.labelNames(metric)).includes('a'))
  assert.ok((await promql.labelNames(undefined)).includes('a'))
  assert.deepEqual(await promql.labelValues('a', metric), ['x'])
  await assert.rejects(promql.instant('sum(', 0, signal), { code: 400, message: /unclosed left parenthesis/ })
  assert.ok((await promqlWords()).functions.some((one) => JSON.stringify(one).includes('rate')))
})
