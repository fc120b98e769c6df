import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'
import { Emulator } from './emulator.ts'
import { writeTracedService } from './traced-service.ts'

const module = writeTracedService()
/** In the service, a minute takes a second. */
const preload = join(mkdtempSync(join(tmpdir(), 'telemetry-faults-')), 'short-minutes.mjs')
writeFileSync(
  preload,
  `const { setInterval } = globalThis
   globalThis.setInterval = (callback, ms, ...rest) => setInterval(callback, ms === 60_000 ? 1_000 : ms, ...rest)`,
)

let emulator: Emulator
before(async () => {
  emulator = await Emulator.start()
})
after(() => emulator[Symbol.asyncDispose]())

const REQUESTS = 600
const CLIENTS = 20
const QUEUE = { OTEL_BSP_MAX_QUEUE_SIZE: '64', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '16' }
/** The queue, and four batches in flight. */
const MAX_KEPT = 64 + 4 * 16

interface CollectorFault {
  readonly title: string
  /** What the emulator does to calls. */
  readonly injected?: object
  /** Where the service sends its spans instead, by exporter. */
  readonly environments?: Readonly<Record<'google_cloud_trace' | 'otlp', Readonly<Record<string, string>>>>
}

const FAULTS: readonly CollectorFault[] = [
  {
    title: 'is down',
    environments: {
      google_cloud_trace: { CLOUD_TRACE_ENDPOINT: '127.0.0.1:9' },
      otlp: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
    },
  },
  { title: 'responds too late', injected: { latencyMs: 600_000 } },
  { title: 'refuses', injected: { code: 'PERMISSION_DENIED' } },
]

const droppedIn = (exposition: string) =>
  [...exposition.matchAll(/^telemetry_spans_dropped_total\{reason="\w+"\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )

for (const name of ['google_cloud_trace', 'otlp'] as const) {
  for (const { title, injected, environments } of FAULTS) {
    test(`a collector by ${name} that ${title} costs no request and only a limited amount of memory; losses are counted in a metric and logged once a minute`, async () => {
      const heal = injected === undefined ? undefined : await emulator.inject(injected)
      try {
        await using service = new ServiceProcess({
          module,
          nodeArgs: [`--import=${preload}`],
          env: {
            ...emulator.environments[name],
            ...environments?.[name],
            ...QUEUE,
            NAME: 'hindered',
            OTEL_BSP_SCHEDULE_DELAY: '20',
            OTEL_BSP_EXPORT_TIMEOUT: '500',
          },
        })
        await service.untilReady()
        const url = `${await service.serviceUrl()}items/7`
        const client = async () => {
          for (let count = 0; count < REQUESTS / CLIENTS; count++) assert.equal((await fetch(url)).status, 200)
        }
        await Promise.all(Array.from({ length: CLIENTS }, client))

        const text = await service.until('spans beyond the limit are lost', async () => {
          const exposition = await service.scrape()
          return droppedIn(exposition) >= REQUESTS - MAX_KEPT && exposition
        })
        assert.equal(readSeries(text, 'telemetry_spans_exported_total'), 0)

        const losses = () =>
          service.log.filter(({ message }) => /^\d+ spans? (?:was|were) dropped: /.test(message ?? ''))
        const logged = () =>
          losses().reduce((sum, { dropped }) => sum + Object.values(dropped as object).reduce((a, b) => a + b, 0), 0)
        const dropped = await service.until('the log reports them', async () => {
          const lost = droppedIn(await service.scrape())
          return logged() === lost && lost
        })
        const [first, last] = [losses()[0], losses().at(-1)].map((line) => Date.parse(String(line?.time)))
        const minutes = Math.ceil(((last ?? 0) - (first ?? 0)) / 1_000)
        assert.ok(losses().length <= minutes + 1, `${losses().length} lines in ${minutes} minutes`)
        assert.ok(dropped <= REQUESTS)

        service.kill('SIGTERM')
        assert.deepEqual(await service.exit, { code: 0, signal: null })
      } finally {
        await heal?.()
      }
    })
  }
}
