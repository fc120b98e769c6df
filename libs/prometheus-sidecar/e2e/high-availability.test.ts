import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePort } from '@node-to-cloud/bench'
import type { StoredDistribution, StoredPoint } from '../test/testing/stored-points.ts'
import { eventually } from './child.ts'
import { Emulator } from './emulator.ts'
import { PROMETHEUS_IS_MISSING, Prometheus } from './prometheus.ts'
import { Sidecar } from './sidecar.ts'
import { SteadyTarget } from './steady-target.ts'

const LEASE_MS = 9_000
/** Cloud Monitoring accepts one point per series every 5 s. */
const INTERVAL_MS = 6_000
/** How much may be lost when the leader changes: the lease duration and, for counters, the time to the next sample. */
const MAX_LOSS_MS = LEASE_MS + 2 * INTERVAL_MS

for (const format of ['external', 'gmp'] as const) {
  test(`format ${format}: one of two replicas writes; killing, stopping or pausing it stores nothing twice and loses at most the lease duration`, {
    skip: PROMETHEUS_IS_MISSING,
    timeout: 400_000,
  }, async (context) => {
    const rig = await Replicas.start(context, format)
    await rig.writes(4)
    const first = await rig.leader()

    await first.child.stop('SIGKILL')
    const second = await rig.anotherLeader(first)
    await rig.writes(3)
    await first.restart()
    await rig.writes(2)
    assert.equal(await rig.leader(), second)

    assert.equal(await second.child.stop('SIGTERM'), 0, second.output.slice(-2000))
    assert.equal(await rig.anotherLeader(second), first)
    await second.restart()
    await rig.writes(3)

    first.child.process.kill('SIGSTOP')
    const third = await rig.anotherLeader(first)
    await rig.writes(2)
    first.child.process.kill('SIGCONT')
    await eventually('the paused one knows that it is on standby', async () => (await leaderMetric(first)) === 0)
    await rig.writes(3)
    assert.equal(await rig.leader(), third)

    const stored = await rig.stored()
    for (const name of ['now_ms', 'untold_ms', 'told_ms', 'spent_ms', 'up']) {
      const series = stored.filter(({ type }) => type.includes(`/${name}`))
      checkSeries(name, series, context)
    }
    assert.equal(await third.metric('prometheus_sidecar_hole_unfilled_series'), 0)
    for (const sidecar of [first, second])
      assert.equal(await sidecar.metric('prometheus_sidecar_refused_points'), 0, sidecar.output.slice(-3000))
    // The first sample of the new leader may come less than 5 s after the last one of the previous leader.
    const reasons = (await rig.refusals()).map(({ reason }) => reason)
    assert.deepEqual(
      reasons.filter((reason) => reason !== 'rate'),
      [],
    )
  })
}

/** Checks one time series whose values are times. */
function checkSeries(name: string, points: readonly StoredPoint[], context: TestContext): void {
  assert.equal(
    new Set(points.map(({ type, labels }) => JSON.stringify([type, labels]))).size,
    1,
    `${name} is one series`,
  )
  const sorted = [...points].sort((a, b) => a.endMs - b.endMs)
  const times = sorted.map(({ endMs }) => endMs)
  assert.equal(new Set(times).size, times.length, `${name}: a point is stored twice`)
  const gaps = times.slice(1).map((endMs, index) => endMs - (times[index] ?? endMs))
  assert.ok(Math.max(...gaps) <= MAX_LOSS_MS, `${name}: ${Math.max(...gaps)} ms without a point`)
  const [first] = sorted
  if (first?.startMs === undefined) return

  let counted = 0
  let starts = 0
  for (const [index, point] of sorted.entries()) {
    const next = sorted[index + 1]
    if (next !== undefined && next.startMs === point.startMs) {
      assert.ok(countOf(next) >= countOf(point), `${name}: falls within an interval`)
      continue
    }
    starts += 1
    counted += countOf(point)
    if (next !== undefined) assert.ok((next.startMs ?? 0) >= point.endMs, `${name}: intervals overlap`)
  }
  const lastMs = times.at(-1) ?? 0
  const passedMs = lastMs - first.startMs
  context.diagnostic(
    `${name}: ${points.length} points, ${starts} intervals, ${passedMs - counted} of ${passedMs} ms lost`,
  )
  // The timestamps that Prometheus records for its scrapes are off by some milliseconds.
  assert.ok(counted <= passedMs + 200 * starts, `${name}: ${counted} ms were counted, but ${passedMs} passed`)
  assert.ok(counted >= passedMs - 3 * MAX_LOSS_MS, `${name}: ${counted} of ${passedMs} ms were counted`)
}

function countOf({ value }: StoredPoint): number {
  return typeof value === 'number' ? value : (value as StoredDistribution).count
}

async function leaderMetric(sidecar: Sidecar): Promise<number> {
  return sidecar.metric('prometheus_sidecar_leader')
}

/** Two pairs of a Prometheus and a sidecar that compete for a lease in a folder. */
class Replicas {
  readonly #emulator: Emulator
  readonly #sidecars: readonly Sidecar[]

  private constructor(emulator: Emulator, sidecars: readonly Sidecar[]) {
    this.#emulator = emulator
    this.#sidecars = sidecars
  }

  static async start(context: TestContext, format: string): Promise<Replicas> {
    const folder = await mkdtemp(join(tmpdir(), 'sidecar-ha-'))
    const cleanUps = [() => rm(folder, { recursive: true, force: true }) as Promise<unknown>]
    context.after(async () => {
      for (const cleanUp of cleanUps.reverse()) await cleanUp()
    })
    const emulator = await Emulator.start()
    cleanUps.push(() => emulator.child.stop('SIGKILL'))
    const { target, address } = await SteadyTarget.start()
    cleanUps.push(async () => target.close())
    const sidecars: Sidecar[] = []
    for (const replica of ['a', 'b']) {
      const port = await freePort()
      const own = await mkdtemp(join(folder, 'replica-'))
      const sidecar = await Sidecar.start({
        grpcAddress: emulator.grpcAddress,
        prometheusUrl: `http://127.0.0.1:${port}`,
        stateFile: join(own, 'state'),
        flags: [
          `--stackdriver.metrics-format=${format}`,
          `--ha.lease=file:${join(folder, 'lease')}`,
          `--ha.lease-duration=${LEASE_MS / 1000}s`,
          '--histogram.learning-period=2s',
        ],
      })
      sidecars.push(sidecar)
      cleanUps.push(() => sidecar.child.stop('SIGKILL'))
      const prometheus = await Prometheus.start({
        folder: own,
        port,
        jobs: [{ job: 'steady', target: address, interval: `${INTERVAL_MS / 1000}s` }],
        remoteWriteUrl: `${sidecar.url}/api/v1/write`,
        externalLabels: { prometheus_replica: replica },
      })
      cleanUps.push(() => prometheus.child.stop('SIGKILL'))
    }
    return new Replicas(emulator, sidecars)
  }

  stored(): Promise<StoredPoint[]> {
    return this.#emulator.stored()
  }

  async refusals(): Promise<readonly { readonly reason: string; readonly points: number }[]> {
    return (await this.#emulator.refusals()).byReason
  }

  /** Waits until this many more points of the gauge are stored. */
  async writes(points: number): Promise<void> {
    const count = async () => (await this.stored()).filter(({ type }) => type.includes('/now_ms')).length
    const before = await count()
    await eventually(`${points} more points are stored`, async () => (await count()) >= before + points, {
      withinMs: 120_000,
      everyMs: 500,
      detail: () => this.#sidecars.map(({ output }) => output.slice(-3000)).join('\n---\n'),
    })
  }

  async leader(): Promise<Sidecar> {
    return eventually('one is the leader', async () => {
      const leaders: Sidecar[] = []
      for (const sidecar of this.#sidecars) {
        if (!sidecar.child.exited && (await leaderMetric(sidecar)) === 1) leaders.push(sidecar)
      }
      return leaders.length === 1 ? leaders[0] : undefined
    })
  }

  async anotherLeader(than: Sidecar): Promise<Sidecar> {
    return eventually(
      'another one is the leader',
      async () => {
        for (const sidecar of this.#sidecars)
          if (sidecar !== than && (await leaderMetric(sidecar)) === 1) return sidecar
        return undefined
      },
      { detail: () => this.#sidecars.map(({ output }) => output.slice(-3000)).join('\n---\n') },
    )
  }
}
