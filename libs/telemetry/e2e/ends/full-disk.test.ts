import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readSeries, ServiceProcess } from '@node-to-cloud/telemetry/testing'
import { startSteadyLoad } from '@node-to-cloud/telemetry/testing/load'
import { writeService } from './service.ts'

const RATE_PER_SECOND = 500
const DROPPED = 'telemetry_log_lines_dropped_total'

const skip = spawnSync('prlimit', ['--version']).error !== undefined && 'needs prlimit'

test(`a log file that can't grow for a while costs no request of ${RATE_PER_SECOND} a second: lines are dropped and counted, then written again`, {
  skip,
}, async () => {
  const logFile = join(mkdtempSync(join(tmpdir(), 'telemetry-log-')), 'log')
  await using service = new ServiceProcess({ module: writeService('fastify'), env: { LOG_LEVEL: 'info' }, logFile })
  await service.untilReady()
  const load = startSteadyLoad(await service.serviceUrl(), RATE_PER_SECOND)
  // A file at its limit refuses writes like a full disk, even in the middle of a line.
  const limitFile = (bytes: number | 'unlimited') =>
    assert.equal(spawnSync('prlimit', ['--pid', String(service.pid), `--fsize=${bytes}:`]).status, 0)
  const dropped = async () => readSeries(await service.scrape(), DROPPED) ?? 0
  const handled = async () => readSeries(await service.scrape(), 'handled_total') ?? 0
  try {
    await service.until('the load is there', async () => (await handled()) >= RATE_PER_SECOND / 2)
    limitFile(statSync(logFile).size + 1_000)
    await service.until('lines are dropped', async () => (await dropped()) >= RATE_PER_SECOND / 2)
    limitFile('unlimited')
    const [lines, requests] = [service.log.length, await handled()]
    await service.until('others are written', async () => {
      return service.log.length >= lines + RATE_PER_SECOND / 2 && (await handled()) >= requests + RATE_PER_SECOND / 2
    })
  } finally {
    await load.stop()
  }
  const { sent, answered, failed } = await load.stop()
  assert.deepEqual(failed, [])
  assert.equal(answered, sent)
  const lost = await dropped()
  service.kill('SIGTERM')
  assert.deepEqual(await service.exit, { code: 0, signal: null })
  const lines = service.log.filter(({ message }) => message === 'GET / 200').length
  assert.ok(lines < answered && lines + lost >= answered, `${lines} lines and ${lost} dropped for ${answered} answers`)
})
