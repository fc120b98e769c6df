import type { TestContext } from 'node:test'
import type { EmulatorOptions } from '../../src/emulator-options.ts'
import { requestJson, startTestEmulator, type TestEmulator, writeAt } from './running-emulator.ts'
import { distributionJson, START_SECONDS, type TestSeries } from './time-series.ts'

export const REQUESTS = 'external.googleapis.com/prometheus/requests_total'
const TARGET = {
  type: 'prometheus_target',
  labels: { location: 'us-central1', cluster: 'c', namespace: 'n', job: 'j', instance: 'i' },
}

export const API = '/v1/projects/demo-project/location/global/prometheus/api/v1'
export const AT = String(START_SECONDS + 300)
export const WINDOW = { start: String(START_SECONDS), end: AT }

/**
 * An emulator with a counter that increases by 60 per minute, a gauge of Managed Service for Prometheus, and a
 * histogram.
 */
export async function emulatorWithSamples(
  context: TestContext,
  options: Partial<EmulatorOptions> = {},
): Promise<TestEmulator> {
  const emulator = await startTestEmulator(context, options)
  for (let minute = 0; minute <= 5; minute++) {
    const counts = [minute, 2 * minute, minute]
    const series: TestSeries[] = [
      {
        type: REQUESTS,
        kind: 'CUMULATIVE',
        start: -60,
        labels: { code: '200', project_id: 'own' },
        value: { doubleValue: minute * 60 },
      },
      { type: 'prometheus.googleapis.com/up/gauge', resource: TARGET, value: { doubleValue: 1 } },
      {
        type: 'prometheus.googleapis.com/latency/histogram',
        kind: 'CUMULATIVE',
        start: -60,
        resource: TARGET,
        value: distributionJson([0.1, 1], counts),
      },
    ]
    await writeAt(emulator, minute * 60, ...series)
  }
  return emulator
}

/** The status and the JSON of a GET. */
export async function getApi(
  emulator: TestEmulator,
  path: string,
  parameters: Record<string, string | string[]> = {},
): ReturnType<typeof requestJson> {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) for (const one of [value].flat()) query.append(name, one)
  return requestJson(`${emulator.url}${path}?${query}`)
}
