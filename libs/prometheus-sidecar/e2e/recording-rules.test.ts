import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { seededRandom } from '../test/testing/seeded-random.ts'
import { eventually } from './child.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'
import { Stack } from './stack.ts'

test('series without a target (recording rules, alerts) and targets that are down delay nothing; with a flag, rules are stored', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 240_000,
}, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'sidecar-rules-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  const config = join(folder, 'config.yml')
  await writeFile(config, 'metric_renames: [{ from: "job:up:count", to: job_up_count }]')
  const stack = await Stack.start(context, {
    random: seededRandom(1),
    jobs: [{ job: 'down', target: '127.0.0.1:1', interval: '6s' }],
    rules: [
      { record: 'job:up:count', expr: 'count by (job) (up)' },
      { alert: 'AlwaysFiring', expr: 'vector(1)' },
    ],
  })
  const { sidecar, emulator } = stack
  const dropped = async (reason: string) => {
    const text = await (await fetch(`${sidecar.url}/metrics`)).text()
    return Number(
      new RegExp(`^prometheus_sidecar_dropped_samples_total\\{reason="${reason}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0,
    )
  }
  const rules = async () => (await emulator.stored()).filter(({ type }) => type.endsWith('/job_up_count'))

  await eventually('rules and alerts are dropped', async () => (await dropped('target_not_found')) >= 6)
  const named = sidecar.output.split('\n').filter((line) => line.includes('target_not_found'))
  assert.ok(
    named.some((line) => /job:up:count|ALERTS/.test(line)),
    'some of the series are named in the log',
  )
  assert.equal(
    new Set(named.map((line) => /"series":"(?:[^"\\]|\\.)*"/.exec(line)?.[0])).size,
    named.length,
    'each only once',
  )
  await stack.verifyAll('besides')
  const up = (await emulator.stored()).filter(
    ({ type, resource }) => type.endsWith('/up') && resource.labels.job === 'down',
  )
  assert.ok(up.length > 0 && up.every(({ value }) => value === 0))
  assert.equal(
    await dropped('metadata_not_found'),
    0,
    'the metrics that Prometheus adds to a scrape are known even if the target does not respond',
  )
  const text = await (await fetch(`${sidecar.url}/metrics`)).text()
  assert.doesNotMatch(text, /remote_write_requests_total\{status="503"\}/)

  await sidecar.child.stop('SIGTERM')
  await sidecar.restart({
    flags: ['--resource.targetless=global{project_id=demo-project}', `--config-file=${config}`],
  })
  await eventually('rules are stored', async () => {
    const points = await rules()
    const jobs = new Set(points.map(({ labels }) => labels.job))
    return points.length >= 4 && jobs.has('down') && jobs.has('exporter')
  })
  assert.ok(
    (await rules()).every(({ labels, resource }) => resource.type === 'global' && !('cluster_of_test' in labels)),
  )
  await stack.verifyAll('with rules')
})
