import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { API, AT, emulatorWithSamples, getApi, WINDOW } from '../../../test/testing/prometheus-api.ts'
import { requestJson, type TestEmulator, writeAt } from '../../../test/testing/running-emulator.ts'

/** Takes minutes: the median of many values at each of many steps, close to the sample limit. */
const ENDLESS = 'quantile_over_time(0.5, vector(1)[200000s:1s])'
const RANGE = { start: '0', end: '1000000', step: '100' }

/** Sends the endless query, and returns whether it got a result. */
function askEndless(emulator: TestEmulator, timeout: string) {
  const gone = new AbortController()
  const asked = { isAnswered: false }
  const parameters = new URLSearchParams({ query: ENDLESS, ...RANGE, timeout })
  const answer = fetch(`${emulator.url}${API}/query_range?${parameters}`, { signal: gone.signal }).then(
    async (response) => {
      asked.isAnswered = true
      return { status: response.status, json: JSON.parse(await response.text()) }
    },
    () => undefined,
  )
  return { asked, answer, leave: () => gone.abort() }
}

describe('a query with the highest cost', { timeout: 240_000 }, () => {
  test('blocks neither writes nor pages nor other queries', async (context) => {
    const emulator = await emulatorWithSamples(context)
    const endless = askEndless(emulator, '120s')
    for (let i = 0; i < 40; i++) {
      await writeAt(emulator, 400 + 10 * i, { value: { doubleValue: i } })
      const page = await requestJson(`${emulator.url}/api/summary?project=demo-project`)
      assert.equal(page.status, 200)
    }
    const short = await getApi(emulator, `${API}/query`, { query: 'sum(up)', time: AT })
    assert.equal(short.json.data.result[0].value[1], '1')
    const body = {
      startTime: Number(WINDOW.start) * 1000,
      endTime: Number(WINDOW.end) * 1000,
      queries: [{ timeSeriesQuery: { prometheusQuery: 'sum(up)' } }],
    }
    const chart = await requestJson(`${emulator.url}/api/query`, { body })
    assert.equal(chart.json.results[0].totalSeries, 1, JSON.stringify(chart.json))
    assert.equal(endless.asked.isAnswered, false)
    endless.leave()
  })

  test('makes another one wait for its turn, yields when its client disconnects, and ends with Prometheus’ error', async (context) => {
    const emulator = await emulatorWithSamples(context)
    const first = askEndless(emulator, '120s')
    // It is in the thread for long queries when a second long one does not get its turn.
    const second = await askEndless(emulator, '3s').answer
    assert.deepEqual([second?.status, second?.json.error], [503, 'query timed out in query queue'])
    first.leave()
    const third = await askEndless(emulator, '10s').answer
    assert.deepEqual([third?.status, third?.json.error], [503, 'query timed out in expression evaluation'])
  })

  test('is stopped with the emulator', async (context) => {
    const emulator = await emulatorWithSamples(context)
    const endless = askEndless(emulator, '120s')
    await getApi(emulator, `${API}/query`, { query: 'sum(up)', time: AT })
    await emulator.close()
    assert.equal((await endless.answer)?.status ?? 499, 499)
  })
})
