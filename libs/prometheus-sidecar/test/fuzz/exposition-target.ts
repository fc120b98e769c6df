import type { SampleBatch } from '../../src/model/sample.ts'
import { ExpositionError } from '../../src/scrape/exposition-error.ts'
import { parseExposition } from '../../src/scrape/exposition-parser.ts'
import type { ScrapeTarget } from '../../src/scrape/scrape-target.ts'
import { ScrapedSeries, type ScrapeObserver } from '../../src/scrape/scraped-series.ts'
import type { SeededRandom } from '../testing/seeded-random.ts'
import type { FuzzTarget } from './fuzz-run.ts'
import { mutate } from './mutation.ts'

const UNOBSERVED: ScrapeObserver = { seriesAdded() {}, seriesDropped() {}, sampleDropped() {}, exemplarDropped() {} }

/** Mutated expositions of both formats: parsed, converted into the batch of a scrape, and passed to `ingest`. */
export function expositionTarget(target: ScrapeTarget, ingest: (batch: SampleBatch) => Promise<void>): FuzzTarget {
  let series = new ScrapedSeries(target, UNOBSERVED)
  let scrapes = 0
  return {
    name: 'exposition',
    input(random) {
      if (random.below(LARGE_ONE_IN) === 0) return Buffer.from(largeExposition(random))
      const text = Buffer.from(exposition(random))
      return random.below(10) === 0 ? text : mutate(text, random)
    },
    async run(input) {
      const format = input.length % 2 === 0 ? 'openmetrics' : 'text'
      scrapes += 1
      // Metric names that change with each scrape accumulate in the target's series, which is not what this tests.
      if (scrapes % 1000 === 0) series = new ScrapedSeries(target, UNOBSERVED)
      try {
        const parsed = parseExposition(input.toString('utf8'), format)
        const report = { up: true, durationSeconds: 0.01, samplesScraped: parsed.samples.length }
        await ingest(series.batch(parsed, 1_795_348_756_194 + scrapes * 1000, report))
        return 'taken'
      } catch (error) {
        if (error instanceof ExpositionError) return 'refused'
        throw error
      }
    },
  }
}

const VALUES = ['1', '0', '-1', '1e3', '0x1p-2', 'NaN', '+Inf', '-Inf', '1_000', '', '1e999', '.5']
const LABELS = [
  '{}',
  '{a="b"}',
  '{a="b",}',
  '{a="\\"\\n\\\\"}',
  '{le="0.1"}',
  '{le="+Inf"}',
  '{quantile="0.5"}',
  '{a="é€"}',
]

const LARGE_ONE_IN = 500

/** As large as the exposition of a large target: processing that is not linear looks like a hang. */
function largeExposition(random: SeededRandom): string {
  const path = 'x'.repeat(random.below(200))
  const exemplar = random.below(2) === 0 ? ' # {trace_id="abc"} 1' : ''
  const lines = Array.from(
    { length: 15_000 },
    (_, index) => `rpc_count{path="${path}",n="${index}"} ${index}${exemplar}`,
  )
  return `# TYPE rpc summary\n${lines.join('\n')}\n# EOF\n${random.below(2) === 0 ? '' : ' '}`
}

function exposition(random: SeededRandom): string {
  const lines: string[] = []
  const value = () => (random.below(3) === 0 ? random.pick(VALUES) : String(random.below(1000)))
  for (let families = 1 + random.below(5); families > 0; families--) {
    const [name, type] = random.pick([
      ['flask_http_request', 'counter'],
      ['latency', 'histogram'],
      ['rpc', 'summary'],
      ['up', 'gauge'],
      ['odd:name', 'unknown'],
    ] as const)
    lines.push(`# HELP ${name} Some \\n help`, `# TYPE ${name} ${type}`)
    for (let samples = random.below(5); samples > 0; samples--) {
      const suffix = random.pick(['', '_total', '_bucket', '_sum', '_count', '_created'])
      const time = random.below(3) === 0 ? ` ${random.pick(['1795348756.194', '1795348756194', '-1', '1e400'])}` : ''
      const exemplar = random.below(4) === 0 ? ` # {trace_id="abc"} ${value()}` : ''
      lines.push(`${name}${suffix}${random.pick(LABELS)} ${value()}${time}${exemplar}`)
    }
  }
  return `${lines.join('\n')}\n${random.below(5) === 0 ? '' : '# EOF\n'}`
}
