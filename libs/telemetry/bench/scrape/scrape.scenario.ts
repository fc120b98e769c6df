import { fileURLToPath } from 'node:url'
import { freePort, PinnedProcess, processors, type Scenario } from '@node-to-cloud/bench'

const WARM_UP_SCRAPES = 50
const SCRAPES = 50
const WORKERS = 8
const SERIES = 500
/** What a scrape may cost, over all processes. */
const BUDGET_CPU_SECONDS = 0.05

let service: PinnedProcess | undefined
let started: Promise<{ readonly process: PinnedProcess; readonly url: string }> | undefined

async function start() {
  const port = await freePort()
  const process = new PinnedProcess(
    [
      globalThis.process.execPath,
      '--conditions=@node-to-cloud/source',
      fileURLToPath(new URL('service/primary.ts', import.meta.url)),
    ],
    { processor: processors.underTest, env: { METRICS_PORT: String(port), OTEL_TRACES_EXPORTER: 'none' } },
  )
  service = process
  const url = `http://127.0.0.1:${port}/metrics`
  await process.answers(url)
  while (samplesOf(await scrape(url)) < SERIES) await new Promise((resolve) => setTimeout(resolve, 100))
  while (!/^telemetry_workers 8$/m.test(await scrape(url))) await new Promise((resolve) => setTimeout(resolve, 100))
  for (let count = 0; count < WARM_UP_SCRAPES; count++) await scrape(url)
  return { process, url }
}

const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0'
const TEXT = 'text/plain; version=0.0.4'

async function scrape(url: string, accept: string = OPEN_METRICS): Promise<string> {
  const response = await fetch(url, { headers: { accept } })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return response.text()
}

function samplesOf(exposition: string): number {
  return exposition.match(/^[a-z].* /gm)?.length ?? 0
}

/** Scrapes one after the other, while the workers send their periodic reports. */
async function scrapesPerCpuSecond(accept: string): Promise<number> {
  started ??= start()
  const { process, url } = await started
  const before = process.cpuSeconds()
  for (let count = 0; count < SCRAPES; count++) {
    if (samplesOf(await scrape(url, accept)) < SERIES) throw new Error('a scrape lacks series')
  }
  return SCRAPES / (process.cpuSeconds() - before)
}

export const scenario: Scenario = {
  name: 'scrape',
  description: `Scrapes of a service of ${WORKERS} workers with ${SERIES} series each, merged by its primary, as processor time over all ${WORKERS + 1} processes.`,
  unit: 'scrapes/CPU-second',
  baseline: 'budget: 50 ms a scrape',
  variants: [
    { name: 'budget: 50 ms a scrape', measure: () => Promise.resolve(1 / BUDGET_CPU_SECONDS) },
    { name: 'scrape of 8 workers', measure: () => scrapesPerCpuSecond(OPEN_METRICS) },
    { name: 'scrape of 8 workers, in text 0.0.4 (without _created)', measure: () => scrapesPerCpuSecond(TEXT) },
  ],
  bounds: [{ variant: 'scrape of 8 workers', atLeast: 1 }],
  async close() {
    await service?.stop()
  },
}
