import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts, PinnedProcess, processors, type Scenario } from '@node-to-cloud/bench'
import { EXPOSED_POINTS } from './load/exposition.ts'
import { collector, type Scraper, sidecar } from './load/scrapers.ts'

/** A few scrapes, after which a scraper has seen everything and is compiled. */
const WARM_UP_SECONDS = 20
/** A whole number of scrapes. */
const MEASURED_SECONDS = 20
const MAX_START_SECONDS = 60

/** The results of a scraper in the measured time. */
interface Run {
  readonly pointsPerCpuSecond: number
  readonly pointsPerMebibyte: number
}

async function run(scraper: Scraper): Promise<Run | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'scraper-bench-'))
  const [target = 0, api = 0, own = 0] = await freePorts(3)
  const around = [fileURLToPath(new URL('load/scraped-target.ts', import.meta.url)), String(target), String(api)]
  const load = new PinnedProcess([process.execPath, '--conditions=@node-to-cloud/source', ...around], {
    processor: processors.load,
  })
  try {
    const program = await scraper(folder, { target, api, own })
    if (program === undefined) return undefined
    const { command, env = {} } = program
    const count = async () => Number(await (await fetch(`http://127.0.0.1:${target}/count`)).text())
    await load.answers(`http://127.0.0.1:${target}/count`)
    const underTest = new PinnedProcess(command, { processor: processors.underTest, env })
    try {
      await firstPoint(count)
      await seconds(WARM_UP_SECONDS)
      const before = { points: await count(), cpuSeconds: underTest.cpuSeconds() }
      await seconds(MEASURED_SECONDS)
      const points = (await count()) - before.points
      return {
        pointsPerCpuSecond: points / (underTest.cpuSeconds() - before.cpuSeconds),
        pointsPerMebibyte: EXPOSED_POINTS / residentMebibytes(underTest.child.pid ?? 0),
      }
    } finally {
      await underTest.stop()
    }
  } finally {
    await load.stop()
    await rm(folder, { recursive: true })
  }
}

async function firstPoint(count: () => Promise<number>): Promise<void> {
  for (let waited = 0; (await count()) === 0; waited += 0.1) {
    if (waited > MAX_START_SECONDS) throw new Error('the scraper wrote no point')
    await seconds(0.1)
  }
}

/** Resident memory of a process. */
function residentMebibytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) / 1024
}

function seconds(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration * 1000))
}

/** Two variants of one run: whichever is measured first performs it, and the other uses its result. */
function sharedRun(scraper: Scraper): (result: keyof Run) => () => Promise<number | undefined> {
  let taken: { readonly by: keyof Run; readonly run: Promise<Run | undefined> } | undefined
  return (result) => async () => {
    if (taken === undefined || taken.by === result) taken = { by: result, run: run(scraper) }
    const { run: shared, by } = taken
    if (by !== result) taken = undefined
    return (await shared)?.[result]
  }
}

const ofSidecar = sharedRun(sidecar)
const ofCollector = sharedRun(collector)

export const scenario: Scenario = {
  name: 'prometheus-sidecar-scraping',
  description:
    'Points that the sidecar’s own scraper and an OpenTelemetry Collector (prometheus receiver, resource, batch, googlemanagedprometheus exporter) write per CPU-second, counted by the API, for one target with 8,000 counters, 8,000 gauges and 250 histograms of 17 parts every 5 s. Memory: the points of one scrape per MiB of resident memory at the end.',
  unit: 'points per CPU-second, or per MiB',
  baseline: 'sidecar, CPU',
  variants: [
    { name: 'sidecar, CPU', measure: ofSidecar('pointsPerCpuSecond') },
    { name: 'Collector, CPU', measure: ofCollector('pointsPerCpuSecond') },
    { name: 'sidecar, memory', measure: ofSidecar('pointsPerMebibyte') },
    { name: 'Collector, memory', measure: ofCollector('pointsPerMebibyte') },
  ],
  bounds: [
    { variant: 'sidecar, CPU', of: 'Collector, CPU', atLeast: 1.5 },
    { variant: 'sidecar, memory', of: 'Collector, memory', atLeast: 1 },
  ],
}
