import assert from 'node:assert/strict'
import { appendFile, type FileHandle, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext, test } from 'node:test'
import { CallJournal } from './call-journal.ts'
import { callKind } from './call-kind.ts'
import type { CallRecord } from './call-record.ts'

const LIMITS = { retentionMs: 1000, maxBytes: 10_000, segmentBytes: 200 }
const WRITE = 'google.monitoring.v3.MetricService/CreateTimeSeries'
const CREATE = 'google.monitoring.dashboard.v1.DashboardsService/CreateDashboard'

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'journal-'))
  context.after(() => rm(path, { recursive: true, force: true }))
  return join(path, 'data')
}

const record = (timeMs: number, method = WRITE): CallRecord => ({
  timeMs,
  method,
  secure: timeMs % 2 === 1,
  request: Buffer.from(`request ${timeMs}`),
})

async function reopen(directory: string, nowMs = 0, limits = LIMITS) {
  const replayed: CallRecord[] = []
  const warnings: string[] = []
  const failures: unknown[] = []
  const journal = await CallJournal.open(directory, limits, {
    nowMs,
    replay: (one) => replayed.push({ ...one, request: Buffer.from(one.request) }),
    warn: (message) => warnings.push(message),
    failed: (error) => failures.push(error),
  })
  return { journal, replayed, warnings, failures }
}

describe('a journal of calls', () => {
  it('returns all calls in order, across segments', async (context) => {
    const directory = await folder(context)
    const first = await reopen(directory)
    assert.deepEqual(first.replayed, [])
    const records = Array.from({ length: 20 }, (_, index) => record(index))
    await Promise.all(records.slice(0, 10).map((one) => first.journal.append(one)))
    for (const one of records.slice(10)) await first.journal.append(one)
    await first.journal.close()
    const second = await reopen(directory)
    assert.deepEqual(second.replayed, records)
    assert.ok((await readdir(directory)).length > 3)
    await second.journal.close()
  })

  it('continues after a crash during a write', async (context) => {
    const directory = await folder(context)
    const first = await reopen(directory)
    await first.journal.append(record(1))
    await first.journal.close()
    await appendFile(join(directory, 'calls-000000000001'), Buffer.from([200, 0, 0, 0, 1, 2, 3]))
    const second = await reopen(directory)
    assert.deepEqual(second.replayed, [record(1)])
    assert.match(second.warnings[0] ?? '', /7 bytes that are damaged or incomplete/)
    await second.journal.append(record(2))
    await second.journal.close()
    const third = await reopen(directory)
    assert.deepEqual(third.replayed, [record(1), record(2)])
    await third.journal.close()
  })

  it('is readable after a partial write to a full disk', async (context) => {
    const directory = await folder(context)
    const { journal, failures } = await reopen(directory)
    await journal.append(record(1))
    const file = await open(join(directory, 'lock'))
    const handles: FileHandle = Object.getPrototypeOf(file)
    await file.close()
    const { appendFile } = handles
    context.mock.method(
      handles,
      'appendFile',
      async function (this: FileHandle, bytes: Buffer) {
        await appendFile.call(this, bytes.subarray(0, 5))
        throw new Error('ENOSPC')
      },
      { times: 1 },
    )
    await journal.append(record(2))
    await journal.append(record(3))
    await journal.close()
    const second = await reopen(directory)
    assert.deepEqual([failures.length, second.warnings, second.replayed], [1, [], [record(1), record(3)]])
    await second.journal.close()
  })

  it('drops expired telemetry and keeps changes of resources', async (context) => {
    const directory = await folder(context)
    const { journal } = await reopen(directory)
    const records = Array.from({ length: 40 }, (_, index) => record(index * 100, index % 10 === 3 ? CREATE : WRITE))
    for (const one of records) await journal.append(one)
    await journal.sweep(4000)
    await journal.sweep(4000)
    await journal.close()
    const again = await reopen(directory, 4000)
    const kept = records.filter(({ timeMs, method }) => timeMs >= 3000 || method === CREATE)
    assert.deepEqual(again.replayed, kept)
    await again.journal.close()
  })

  it('ignores segments whose resources were saved before a crash', async (context) => {
    const directory = await folder(context)
    const { journal } = await reopen(directory)
    for (let at = 0; at < 20; at++) await journal.append(record(at, CREATE))
    await journal.close()
    const before = (await readdir(directory)).filter((file) => file.startsWith('calls-')).length
    await writeFile(join(directory, 'resources-000000000002'), '')
    const again = await reopen(directory)
    assert.equal((await readdir(directory)).filter((file) => file.startsWith('calls-')).length, before - 2)
    assert.ok(again.replayed.length > 0 && again.replayed.length < 20)
    await again.journal.close()
  })

  it('continues after a resources file without segments', async (context) => {
    const directory = await folder(context)
    const { journal } = await reopen(directory)
    await journal.close()
    await writeFile(join(directory, 'resources-000000000005'), '')
    const again = await reopen(directory)
    await again.journal.append(record(1))
    await again.journal.close()
    const third = await reopen(directory)
    assert.deepEqual(third.replayed, [record(1)])
    await third.journal.close()
  })

  it('stays below its size limit', async (context) => {
    const directory = await folder(context)
    const { journal } = await reopen(directory)
    for (let at = 0; at < 300; at++) await journal.append(record(at))
    await journal.sweep(300)
    assert.ok(journal.bytes <= LIMITS.maxBytes, String(journal.bytes))
    await journal.close()
  })

  it('is empty after it is cleared', async (context) => {
    const directory = await folder(context)
    const { journal } = await reopen(directory)
    await journal.append(record(1, CREATE))
    await journal.clear()
    await journal.append(record(2))
    await journal.close()
    const again = await reopen(directory)
    assert.deepEqual(again.replayed, [record(2)])
    await again.journal.close()
  })

  it('belongs to one process', async (context) => {
    const directory = await folder(context)
    const { journal } = await reopen(directory)
    await writeFile(join(directory, 'lock'), '1\n')
    await assert.rejects(reopen(directory), { code: 'ERR_PERSISTENCE', message: /is used by another process/ })
    await journal.close()
  })

  it('reports why a directory can’t be used', async (context) => {
    const directory = await folder(context)
    await writeFile(directory, 'a file')
    await assert.rejects(reopen(directory), {
      code: 'ERR_PERSISTENCE',
      message: /--data-dir .* can't be used: ENOTDIR/,
    })
    await assert.rejects(reopen('/proc/absent'), { code: 'ERR_PERSISTENCE', message: /can't be used: ENOENT/ })
  })
})

test('calls that read are not stored, and those that write telemetry expire', () => {
  for (const [method, kind] of [
    ['google.monitoring.v3.MetricService/ListTimeSeries', 'reading'],
    ['google.monitoring.v3.MetricService/CreateTimeSeries', 'telemetry'],
    ['google.monitoring.v3.MetricService/CreateMetricDescriptor', 'resource'],
    ['google.monitoring.v3.MetricService/DeleteMetricDescriptor', 'resource'],
    ['google.devtools.cloudtrace.v2.TraceService/BatchWriteSpans', 'telemetry'],
    ['opentelemetry.proto.collector.metrics.v1.MetricsService/Export', 'telemetry'],
    ['google.logging.v2.LoggingServiceV2/WriteLogEntries', 'telemetry'],
    ['google.logging.v2.LoggingServiceV2/TailLogEntries', 'reading'],
    ['google.monitoring.v3.QueryService/QueryTimeSeries', 'reading'],
    ['google.monitoring.v3.AlertPolicyService/UpdateAlertPolicy', 'resource'],
    ['google.monitoring.v3.NotificationChannelService/SendNotificationChannelVerificationCode', 'resource'],
    ['google.monitoring.v3.NotificationChannelService/GetNotificationChannelVerificationCode', 'resource'],
    ['google.monitoring.v3.NotificationChannelService/GetNotificationChannel', 'reading'],
  ] as const) {
    assert.equal(callKind(method), kind, method)
  }
})
