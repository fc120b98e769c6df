/**
 * flask-app under a steady load for a long time, with all signals on: it must not use more resources at the end than
 * after five minutes. SOAK_MINUTES and SOAK_REQUESTS_PER_SECOND make it shorter or harder.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'
import { startSteadyLoad } from '@node-to-cloud/telemetry/testing/load'
import { countDescriptors } from '../processes.ts'
import { startSpanCollector } from '../span-collector.ts'

const MINUTES = Number(process.env.SOAK_MINUTES ?? 30)
const REQUESTS_PER_SECOND = Number(process.env.SOAK_REQUESTS_PER_SECOND ?? 1_000)
/** After this time, or a sixth of a shorter run, caches are full and V8 has compiled the hot code. */
const WARM_MINUTES = Math.min(5, MINUTES / 6)
const SAMPLE_INTERVAL_MS = 5_000
/** Memory rises and falls with each garbage collection, so the median over a minute is compared. */
const WINDOW_MS = Math.min(1, MINUTES / 6) * 60_000
const MAX_GROWTH = 1.05

/** The resources of all processes of the service at one moment. */
interface Sample {
  readonly residentMb: number
  /** Without client connections, whose number depends on response times. */
  readonly descriptors: number
}

test(`${MINUTES} minutes at ${REQUESTS_PER_SECOND} requests per second: memory and descriptors stay stable, no request fails, nothing is lost`, async (context) => {
  const collector = await startSpanCollector()
  context.after(() => collector.close())
  await using service = new ServiceProcess({
    module: fileURLToPath(new URL('../../src/main.ts', import.meta.url)),
    maxStdout: 1_000_000,
    env: {
      WORKERS: '2',
      // The heap of a worker in the pod of deploy/base/flask-app. Without a limit V8 may double its young generation at
      // any time after a busy period, and does not shrink it again.
      NODE_OPTIONS: '--max-old-space-size=72 --max-semi-space-size=8',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'prometheus,otlp',
      OTEL_METRIC_EXPORT_INTERVAL: '10000',
      OTEL_LOGS_EXPORTER: 'console,otlp',
    },
  })
  await service.untilReady()
  const load = startSteadyLoad(await service.serviceUrl(), REQUESTS_PER_SECOND, { newConnectionEvery: 10 })

  await setTimeout(WARM_MINUTES * 60_000)
  const early = await medianOfWindow(service)
  context.diagnostic(`after ${WARM_MINUTES} minutes: ${describe(early)}`)
  await setTimeout((MINUTES - WARM_MINUTES) * 60_000 - 2 * WINDOW_MS)
  const late = await medianOfWindow(service)
  context.diagnostic(`after ${MINUTES} minutes: ${describe(late)}`)
  const { sent, failed } = await load.stop()
  const exposition = await service.scrape()
  context.diagnostic(
    `${sent} requests, ${failed.length} failed, ${collector.spans} spans, ${readSeries(exposition, 'telemetry_log_records_exported_total')} log records and ${readSeries(exposition, 'telemetry_metric_points_exported_total')} points exported`,
  )

  assert.deepEqual(failed, [])
  assert.ok(late.residentMb <= early.residentMb * MAX_GROWTH, `memory: ${describe(early)}, then ${describe(late)}`)
  assert.ok(late.descriptors <= early.descriptors * MAX_GROWTH, `${describe(early)}, then ${describe(late)}`)
  service.kill('SIGTERM')
  assert.deepEqual(await service.exit, { code: 0, signal: null })
  assert.equal(collector.spans, sent, 'each request has its span')
})

async function medianOfWindow(service: ServiceProcess): Promise<Sample> {
  const port = Number(new URL(await service.serviceUrl()).port)
  const samples: Sample[] = []
  for (let elapsedMs = 0; elapsedMs < WINDOW_MS; elapsedMs += SAMPLE_INTERVAL_MS) {
    samples.push(sampleOf([service.pid, ...service.children], port))
    // As Prometheus would.
    await service.scrape()
    await setTimeout(SAMPLE_INTERVAL_MS)
  }
  return {
    residentMb: median(samples.map(({ residentMb }) => residentMb)),
    descriptors: median(samples.map(({ descriptors }) => descriptors)),
  }
}

function sampleOf(pids: readonly number[], port: number): Sample {
  const sum = (of: (pid: number) => number) => pids.reduce((total, pid) => total + of(pid), 0)
  return {
    residentMb: sum(residentKb) / 1024,
    descriptors: sum((pid) => countDescriptors(pid, port)),
  }
}

function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN
}

function describe({ residentMb, descriptors }: Sample): string {
  return `${residentMb.toFixed(0)} MB, ${descriptors} descriptors`
}
