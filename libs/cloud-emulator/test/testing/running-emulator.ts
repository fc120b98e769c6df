import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type Emulator, startEmulator } from '../../src/emulator.ts'
import type { EmulatorOptions } from '../../src/emulator-options.ts'
import { START_SECONDS, seriesJson, type TestSeries } from './time-series.ts'

/** An emulator on free ports with a clock that the test sets. It is closed after the test. */
export interface TestEmulator extends Emulator {
  readonly url: string
  /** Sets the clock to seconds after `START_SECONDS`. */
  setTime(seconds: number): void
}

export async function startTestEmulator(
  context: TestContext,
  options: Partial<EmulatorOptions> = {},
): Promise<TestEmulator> {
  let nowMs = START_SECONDS * 1000
  const local = { host: '127.0.0.1', port: 0 }
  const emulator = await startEmulator({
    httpAddress: local,
    grpcAddress: local,
    grpcTlsAddress: local,
    httpsAddress: local,
    nowMs: () => nowMs,
    ...options,
  })
  context.after(() => emulator.close())
  return {
    ...emulator,
    url: `http://127.0.0.1:${emulator.httpPort}`,
    setTime: (seconds) => {
      nowMs = (START_SECONDS + seconds) * 1000
    },
  }
}

export interface JsonAnswer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many forms
  readonly json: any
}

export async function requestJson(
  url: string,
  options: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<JsonAnswer> {
  const { method = options.body === undefined ? 'GET' : 'POST', body, headers } = options
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) }
}

/** Sets the clock, and writes a point of each series that ends at that time. */
export async function writeAt(emulator: TestEmulator, seconds: number, ...series: TestSeries[]): Promise<void> {
  emulator.setTime(seconds)
  const body = { timeSeries: series.map((one) => seriesJson({ end: seconds, ...one })) }
  const { status, json } = await requestJson(`${emulator.url}/v3/projects/demo-project/timeSeries`, { body })
  assert.equal(status, 200, JSON.stringify(json))
}
