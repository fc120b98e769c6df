import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, PinnedProcess, processors, type Scenario } from '@node-to-cloud/bench'
import type { RunReport } from '../src/contract/run-report.ts'
import { benchFile, loadtester, seconds } from './commands.ts'
import { Target } from './target.ts'

const OURS = 'loadtester, one worker'
const ASKED = 'asked for'

const rate = 12_000
const durationSeconds = 8
const lagBoundMs = 20
const token = 'token-of-a-benchmark-0123456789'

/**
 * Requests a second that reached the target in the time of the load.
 *
 * @throws Error where a request is not counted, or where arrivals are late and the run is not marked as generator-bound.
 */
async function arrivalsPerSecond(): Promise<number> {
  const target = await Target.start()
  const state = await mkdtemp(join(tmpdir(), 'loadtester-bench-'))
  const port = await freePort()
  const metricsPort = await freePort()
  const url = `http://127.0.0.1:${port}`
  const standalone = new PinnedProcess(loadtester('standalone'), {
    processor: processors.underTest,
    env: {
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
      WORKER_METRICS_PORT: '0',
      TARGET_HOST: target.url,
      LOAD_TOKEN: token,
      LOAD_SCRIPT: benchFile('hello.yml'),
      LOAD_STATE_DIR: state,
      OTEL_TRACES_EXPORTER: 'none',
    },
  })
  const authorization = `Bearer ${token}`
  try {
    await standalone.answers(`http://127.0.0.1:${metricsPort}/readyz`)
    const response = await fetch(`${url}/api/run`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ rate, durationSeconds }),
    })
    if (!response.ok) throw new Error(`the load was not started: ${response.status} ${await response.text()}`)
    const readReport = async (): Promise<RunReport> =>
      (await (await fetch(`${url}/api/runs/current`, { headers: { authorization } })).json()) as RunReport
    await seconds(durationSeconds)
    let report = await readReport()
    // A worker that is behind makes up for it; the run ends after that.
    while (report.endedMs === undefined) {
      await seconds(0.5)
      report = await readReport()
    }
    check(report, await target.count())
    return (await target.arrivals()).rate(report.startedMs, report.startedMs + durationSeconds * 1000)
  } finally {
    await standalone.stop()
    await target.stop()
    await rm(state, { recursive: true, force: true })
  }
}

function check(report: RunReport, counted: number): void {
  const { requests, unaccounted, lagMs, generatorBound } = report
  if (requests !== counted || unaccounted !== 0) {
    throw new Error(`${requests} requests are reported and ${unaccounted} unaccounted; the target counted ${counted}`)
  }
  if (lagMs.p99 > lagBoundMs && !generatorBound) {
    throw new Error(`arrivals begin ${lagMs.p99} ms late (p99), and the run is not marked as generator-bound`)
  }
}

export const scenario: Scenario = {
  name: 'loadtester-arrivals',
  description: `${rate} arrivals a second, one request each, from one worker on one CPU. It fails if a request is not counted, or if the start lag exceeds ${lagBoundMs} ms (p99) in a run that is not marked as generator-bound.`,
  unit: 'arrivals/s',
  baseline: ASKED,
  variants: [
    { name: ASKED, measure: async () => rate },
    { name: OURS, measure: arrivalsPerSecond },
  ],
}
