import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, PinnedProcess, processors, type Scenario } from '@node-to-cloud/bench'
import { packageVersion } from '@node-to-cloud/command-line'
import type { StateView } from '../src/contract/api.ts'
import type { RunReport } from '../src/contract/run-report.ts'
import { benchFile, loadtester, seconds, until } from './commands.ts'
import { ReportSenders } from './report-senders.ts'
import { Target } from './target.ts'

const OURS = 'one master on one CPU'
const ASKED = 'asked for'

const workers = 50
const requestsPerSecond = 100_000
const measuredSeconds = 8
/** More than the process takes when it starts, and a bound however long the run. */
const maximumMebibytes = 400
const token = 'token-of-a-benchmark-0123456789'

/** Requests that are merged for each second of CPU time of the master. @throws Error if one is not counted, or memory grows. */
async function mergedPerCpuSecond(): Promise<number> {
  const target = await Target.start()
  const state = await mkdtemp(join(tmpdir(), 'loadtester-bench-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const master = new PinnedProcess(loadtester('master'), {
    processor: processors.underTest,
    env: {
      PORT: String(port),
      METRICS_PORT: '0',
      TARGET_HOST: target.url,
      LOAD_TOKEN: token,
      LOAD_SCRIPT: benchFile('hello.yml'),
      LOAD_STATE_DIR: state,
      OTEL_TRACES_EXPORTER: 'none',
    },
  })
  const ask = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const authorization = `Bearer ${token}`
    const json = { headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const init = body === undefined ? { headers: { authorization } } : json
    const response = await fetch(url + path, { method, ...init })
    if (!response.ok) throw new Error(`${method} ${path} is answered with ${response.status}`)
    return (await response.json()) as Answer
  }
  let senders: ReportSenders | undefined
  try {
    await master.answers(`${url}/login`)
    const version = packageVersion(import.meta.url)
    senders = new ReportSenders({ masterUrl: url, token, version, workers, requestsPerSecond })
    const present = async (): Promise<boolean> => (await ask<StateView>('GET', '/api/state')).workers.length === workers
    await until(present, `${workers} workers join`)
    await ask('POST', '/api/run', { rate: 1000 })
    await seconds(2)
    const before = { sent: senders.sent, cpu: master.cpuSeconds() }
    await seconds(measuredSeconds)
    const perCpuSecond = (senders.sent - before.sent) / (master.cpuSeconds() - before.cpu)
    await ask('POST', '/api/run/stop')
    const report = await ask<RunReport>('GET', '/api/runs/current')
    const peak = peakMebibytes(master.child.pid)
    check(report, senders.sent, peak)
    return perCpuSecond
  } finally {
    senders?.close()
    await master.stop()
    await target.stop()
    await rm(state, { recursive: true, force: true })
  }
}

function check({ requests, unaccounted, events }: RunReport, sent: number, mebibytes: number): void {
  if (requests !== sent || unaccounted !== 0) {
    const happened = events.map(({ text }) => text).join('; ')
    throw new Error(
      `${requests} requests are merged and ${unaccounted} unaccounted; ${sent} were reported (${happened})`,
    )
  }
  if (mebibytes > maximumMebibytes) throw new Error(`the master took ${mebibytes} MiB`)
}

/** The most memory that a process ever had. */
function peakMebibytes(pid: number | undefined): number {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kibibytes) / 1024
}

export const scenario: Scenario = {
  name: 'loadtester-master',
  description: `${workers} workers report ${requestsPerSecond} requests a second under 10 names to one master: how many it merges per second of CPU time. It fails if a request is not counted, or if the master takes more than ${maximumMebibytes} MiB.`,
  unit: 'requests/CPU-second',
  baseline: ASKED,
  variants: [
    { name: ASKED, measure: async () => requestsPerSecond },
    { name: OURS, measure: mergedPerCpuSecond },
  ],
  bounds: [{ variant: OURS, of: ASKED, atLeast: 1 }],
}
