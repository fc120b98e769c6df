import type { Measurement, Scenario } from '@node-to-cloud/bench'
import { Engine, Labels, matchesAll, type SelectSeries, type SeriesSamples } from '../src/index.ts'
import { newestRelease, RunningPrometheus } from '../test/peer/running-prometheus.ts'

const QUERY = 'sum by (le) (rate(x_bucket[5m]))'
const HISTOGRAMS = 625
const BOUNDS = '0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 25 50 100 250 +Inf'.split(' ')
const STEP_MS = 15_000
const START_MS = 1_700_000_100_000
const END_MS = START_MS + 3_600_000
const SAMPLES = (END_MS - START_MS + 300_000) / STEP_MS + 1
/** Prometheus reports its CPU time in hundredths of a second. */
const QUERIES = 4

/**
 * Classic histograms that are scraped every 15 s, each at a different offset: 10,000 series over an hour and five
 * minutes.
 */
function bucketSeries(): SeriesSamples[] {
  return Array.from({ length: HISTOGRAMS }, (_, histogram) =>
    BOUNDS.map((le, bound): SeriesSamples => {
      const first = START_MS - 300_000 + ((histogram * 23) % STEP_MS)
      return {
        labels: Labels.from({ __name__: 'x_bucket', job: 'api', instance: `10.0.0.${histogram}:8080`, le }),
        timestamps: Float64Array.from({ length: SAMPLES }, (_, i) => first + i * STEP_MS),
        values: Float64Array.from({ length: SAMPLES }, (_, i) => i * (bound + 1) * 3 + histogram),
      }
    }),
  ).flat()
}

let prometheus: RunningPrometheus | undefined
let series: SeriesSamples[] | undefined

async function start(): Promise<RunningPrometheus | undefined> {
  const release = newestRelease()
  if (release === undefined) return undefined
  const started = await RunningPrometheus.start(release)
  await started.write(stored())
  return started
}

function stored(): SeriesSamples[] {
  series ??= bucketSeries()
  return series
}

async function cpuSecondsOfPrometheus(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1])
}

async function askPrometheus(url: string): Promise<number> {
  const before = await cpuSecondsOfPrometheus(url)
  const times = { start: String(START_MS / 1000), end: String(END_MS / 1000), step: String(STEP_MS / 1000) }
  for (let i = 0; i < QUERIES; i++) {
    const response = await fetch(`${url}/api/v1/query_range`, {
      method: 'POST',
      body: new URLSearchParams({ query: QUERY, ...times }),
    })
    const { data }: { data: { result: unknown[] } } = JSON.parse(await response.text())
    if (data.result.length !== BOUNDS.length) throw new Error(`Prometheus answers ${data.result.length} series`)
  }
  return QUERIES / ((await cpuSecondsOfPrometheus(url)) - before)
}

function askEngine(): number {
  const select: SelectSeries = (matchers) => stored().filter(({ labels }) => matchesAll(matchers, labels))
  const engine = new Engine()
  const before = process.cpuUsage()
  for (let i = 0; i < QUERIES; i++) {
    const { value } = engine.range(select, QUERY, START_MS, END_MS, STEP_MS)
    if (value.type !== 'matrix' || value.series.length !== BOUNDS.length) throw new Error("the engine's result differs")
  }
  const { user, system } = process.cpuUsage(before)
  return (QUERIES * 1e6) / (user + system)
}

/** The two take turns, so that a slow period of the machine affects both. */
async function inTurn(): Promise<Measurement | undefined> {
  prometheus ??= await start()
  if (prometheus === undefined) return undefined
  const baseline = await askPrometheus(prometheus.url)
  return { value: askEngine(), baseline }
}

export const scenario: Scenario = {
  name: 'promql',
  description: `${QUERY} over ${HISTOGRAMS * BOUNDS.length} series, an hour in steps of 15 s: queries per CPU-second, of Prometheus including HTTP and of the engine with the samples in memory.`,
  unit: 'queries/CPU-second',
  baseline: 'Prometheus 3.16',
  variants: [
    {
      name: 'Prometheus 3.16',
      async measure() {
        prometheus ??= await start()
        return prometheus && askPrometheus(prometheus.url)
      },
    },
    { name: 'libs/promql', measure: inTurn },
  ],
  bounds: [{ variant: 'libs/promql', atLeast: 1 / 3 }],
  async close() {
    await prometheus?.stop()
    prometheus = undefined
    series = undefined
  },
}
