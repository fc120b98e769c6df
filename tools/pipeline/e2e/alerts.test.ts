import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readOptions } from '../src/options.ts'
import { partsOf } from '../src/parts.ts'
import { PipelineRun } from './pipeline-run.ts'

const OFFSET = 19_000
const ALERTS = fileURLToPath(new URL('../../../deploy/alerts/', import.meta.url))
const PATIENCE_MS = 600_000
const FAULT = { methods: ['CreateTimeSeries'] }

interface Policy {
  readonly userLabels: Record<string, string>
  readonly conditions: readonly Record<'conditionThreshold' | 'conditionAbsent', { duration: string } | undefined>[]
}

/** Our policies with the shortest duration there is, since the real ones would take five minutes each. */
async function quickPolicies(): Promise<Policy[]> {
  const files = (await readdir(ALERTS)).filter((file) => file.endsWith('.json'))
  return Promise.all(
    files.map(async (file): Promise<Policy> => {
      const policy: Policy = JSON.parse(await readFile(`${ALERTS}${file}`, 'utf8'))
      for (const { conditionThreshold: threshold, conditionAbsent: absence } of policy.conditions) {
        if (threshold) threshold.duration = '0s'
        if (absence) absence.duration = '120s'
      }
      return policy
    }),
  )
}

/** Asks the emulator of the pipeline. */
function client(origin: string) {
  const json = async (path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') => {
    const response = await fetch(new URL(path, origin), {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    assert.ok(response.ok, `${method} ${path}: ${text}`)
    return text === '' ? {} : JSON.parse(text)
  }
  return {
    json,
    /** The policies of ours, by their files' names, that have an open incident. */
    async open(): Promise<Set<string>> {
      const { alerts = [] } = await json(
        `/v3/projects/demo-project/alerts?filter=${encodeURIComponent('state="OPEN"')}`,
      )
      return new Set(
        alerts.map(
          (alert: { policy: { userLabels: Record<string, string> } }) => alert.policy.userLabels['quick-copy-of'],
        ),
      )
    },
  }
}

/** The workers of flask-app that belong to this run. */
function flaskWorkers(run: PipelineRun): number[] {
  return run
    .processes(OFFSET)
    .flatMap(({ pid, command }) => (command.includes('flask-app/src/worker-main') ? [pid] : []))
}

test('alert policies fire and close by faults in the running pipeline', { timeout: 2 * PATIENCE_MS }, async (t) => {
  process.env.WORKERS = '2'
  const run = new PipelineRun(['start', '--port-offset', String(OFFSET)])
  t.after(async () => {
    run.child.kill('SIGTERM')
    await run.closed
  })
  await run.until('the table of types', () => run.stdout.includes('Everything has arrived.'), 180_000)
  const options = readOptions(['start', '--port-offset', String(OFFSET)])
  assert(typeof options !== 'string')
  const [emulator] = partsOf(options, { stateDir: '', loadtesterDir: '' })
  assert(emulator?.name === 'cloud-emulator')
  const { json, open } = client(emulator.url)
  for (const { userLabels, ...policy } of await quickPolicies()) {
    const copy = { ...policy, userLabels: { 'quick-copy-of': userLabels['node-to-cloud-alert'] } }
    await json('/v3/projects/demo-project/alertPolicies', copy)
  }
  const until = (what: string, wanted: readonly string[], isOpen: boolean, meanwhile?: () => Promise<void>) =>
    run.until(
      what,
      async () => {
        await meanwhile?.()
        const found = await open()
        return wanted.every((policy) => found.has(policy) === isOpen)
      },
      PATIENCE_MS,
    )

  await t.test('a worker stands still, points are refused, writes are slow', async () => {
    const faults = ['flask-app-worker-stuck', 'pipeline-refused-points', 'pipeline-slow-writes']
    await json('/faults', { ...FAULT, code: 'INVALID_ARGUMENT', seriesShare: 0.05 })
    await json('/faults', { ...FAULT, latencyMs: 7000 })
    const disturb = async (): Promise<void> => {
      const [worker] = flaskWorkers(run)
      if (worker === undefined) return
      process.kill(worker, 'SIGSTOP')
      await new Promise((resolve) => setTimeout(resolve, 8_000))
      process.kill(worker, 'SIGCONT')
      await new Promise((resolve) => setTimeout(resolve, 4_000))
    }
    await until(`incidents of ${faults}`, faults, true, disturb)
    await json('/faults', undefined, 'DELETE')
    await until('their end', faults, false)
  })

  await t.test('nothing arrives', async () => {
    await json('/faults', { ...FAULT, code: 'UNAVAILABLE' })
    await json('/clock', { advanceMs: 300_000 })
    await until('the incident', ['pipeline-silent'], true)
    await json('/faults', undefined, 'DELETE')
    await json('/clock', {})
    await until('its end', ['pipeline-silent'], false)
  })
})
