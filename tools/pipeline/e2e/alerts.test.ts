import assert from 'node:assert/strict'
import { test } from 'node:test'
import { portsOf } from '../src/parts/ports.ts'
import { FaultLab } from './faults/fault-lab.ts'
import { type LoadWorker, startLoadWorker } from './load-worker.ts'
import { PipelineRun } from './pipeline-run.ts'
import { QuickPolicies } from './quick-policies.ts'

const OFFSET = 19_000
const PORTS = portsOf(OFFSET)
const LOAD_WORKER_METRICS_PORT = PORTS.loadtesterWorkerMetrics + 10
const PATIENCE_MS = 600_000
const WRITES = { methods: ['CreateTimeSeries'] }
const EVALUATION_MS = 30_000
/** Little, so that a short fault fills it. */
const BUFFER_POINTS = 2500
const WINDOW_MS = 60_000

/** What the faults of a worker of flask-app, of the other services, of the load and of writes cause. */
const BY_SERVICES = [
  'custom-metrics-example-memory',
  'custom-metrics-example-stalled',
  'flask-app-error-budget',
  'flask-app-latency',
  'flask-app-memory',
  'flask-app-server-errors',
  'flask-app-worker-deaths',
  'flask-app-worker-stuck',
  'loadtester-generator-bound',
  'loadtester-off-target',
  'loadtester-worker-lost',
  'pipeline-refused-points',
  'pipeline-slow-writes',
  'pipeline-target-down',
]
/** The audit compares with the database of a Prometheus: `audit-alert.test.ts` has it fire and close. */
const NEEDS_PROMETHEUS = ['pipeline-audit-differences']
/** What an emulator that can't be written to causes. */
const BY_OUTAGE = ['pipeline-behind', 'pipeline-silent']

test('each of our alert policies fires and closes by a fault in the running pipeline', {
  timeout: 2 * PATIENCE_MS,
}, async (t) => {
  const lab = new FaultLab()
  const run = new PipelineRun(['start', '--port-offset', String(OFFSET), '--buffer-points', String(BUFFER_POINTS)], {
    env: { ...lab.env, WORKERS: '2' },
  })
  let loadWorker: LoadWorker | undefined
  t.after(async () => {
    await lab.close()
    await loadWorker?.stop()
    run.child.kill('SIGTERM')
    await run.closed
  })
  await run.until('the table of types', () => run.stdout.includes('Everything has arrived.'), 180_000)
  const policies = new QuickPolicies(`http://127.0.0.1:${PORTS.emulatorHttp}`)
  const all = [...BY_SERVICES, ...BY_OUTAGE]
  assert.deepEqual((await policies.create()).toSorted(), [...all, ...NEEDS_PROMETHEUS].toSorted())
  const until = async (names: readonly string[], open: boolean): Promise<void> => {
    let missing = names
    const what = open ? 'fire' : 'close'
    try {
      await run.until(
        what,
        async () => {
          const left = await policies.without(names, { open })
          if (left.length < missing.length)
            t.diagnostic(
              `${Math.round(performance.now() / 1000)} s: ${missing.filter((name) => !left.includes(name))} ${what}`,
            )
          missing = left
          return left.length === 0
        },
        PATIENCE_MS,
      )
    } catch (error) {
      throw new Error(`These did not ${what}: ${missing}`, { cause: error })
    }
  }
  const processesOf = (mark: string): number[] =>
    run.processes(OFFSET).flatMap(({ pid, command }) => (command.includes(mark) ? [pid] : []))
  const processOf = (mark: string): number => processesOf(mark)[0] ?? assert.fail(`no process of ${mark}`)

  const breakServices = async (): Promise<void> => {
    await policies.request('/faults', { ...WRITES, code: 'INVALID_ARGUMENT', seriesShare: 0.05 })
    await policies.request('/faults', { ...WRITES, latencyMs: 7000 })

    lab.have(processOf('custom-metrics-example'), 'holdMemory', 'refuseScrapes', 'stopIntervals')

    const faulty = processOf('flask-app/src/worker-main')
    lab.have(faulty, 'holdMemory', 'answerLate', 'answer503')
    lab.stutter(() => faulty, { stoppedMs: 8000, runningMs: 4000 })
    lab.repeat(() => {
      for (const pid of processesOf('flask-app/src/worker-main')) if (pid !== faulty) process.kill(pid, 'SIGKILL')
    }, 15_000)

    const loadtester = processOf('apps/loadtester/')
    loadWorker = startLoadWorker(OFFSET, LOAD_WORKER_METRICS_PORT)
    await run.until('the further load worker', loadWorker.hasJoined)
    process.kill(loadWorker.pid, 'SIGSTOP')
    lab.have(loadtester, 'blockThread')
    lab.stutter(() => loadtester, { stoppedMs: 2300, runningMs: 1700 })

    await until(BY_SERVICES, true)
    await lab.end()
    process.kill(loadWorker.pid, 'SIGCONT')
    await policies.request('/faults', undefined, 'DELETE')
  }

  const refuseWrites = async (): Promise<void> => {
    const filled = async (): Promise<number> => {
      const metrics = await (await fetch(`http://127.0.0.1:${PORTS.sidecar}/metrics`)).text()
      const length = /^prometheus_remote_storage_queue_length\{.*\} (\d+)$/m.exec(metrics)?.[1]
      return Number(length ?? assert.fail(metrics)) / BUFFER_POINTS
    }
    await policies.request('/faults', { ...WRITES, code: 'UNAVAILABLE' })
    let fullSinceMs = Number.POSITIVE_INFINITY
    await run.until('a full queue, as long as a window of the condition', async () => {
      if ((await filled()) < 0.9) fullSinceMs = Number.POSITIVE_INFINITY
      else fullSinceMs = Math.min(fullSinceMs, performance.now())
      return performance.now() - fullSinceMs > WINDOW_MS / 2
    })
    await policies.request('/clock', { advanceMs: 300_000 })
    await until(['pipeline-silent'], true)

    // The points that are kept are written at the end, and evaluated as of that moment.
    const evaluationMs = Math.floor(Date.now() / EVALUATION_MS) * EVALUATION_MS
    await policies.request('/clock', { time: new Date(evaluationMs - 1).toISOString() })
    await policies.request('/faults', undefined, 'DELETE')
    await run.until('an empty queue', async () => (await filled()) < 0.05)
    await policies.request('/clock', { time: new Date(evaluationMs).toISOString() })
    await until(['pipeline-behind'], true)
    await policies.request('/clock', {})
  }

  await breakServices()
  await refuseWrites()
  await until(all, false)
})
