import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventually } from '../../test/testing/load-process.ts'
import { PlayedWorker } from '../../test/testing/played-worker.ts'
import { LoadProfile } from '../load/profile.ts'
import { localNow } from '../protocol/fleet-clock.ts'
import type { RunSnapshot } from '../protocol/messages.ts'
import { type Setpoint, segmentsOf } from '../protocol/setpoint.ts'
import { Tally } from '../results/tally.ts'
import type { Checkpoint } from './checkpoint.ts'
import { Master } from './master.ts'

const runId = 'the-run'
const startMs = localNow() - 60_000

function setpoint(more: Partial<Setpoint> = {}): Setpoint {
  return {
    runId,
    epoch: 3,
    model: 'open',
    runStartMs: startMs,
    activeMs: 0,
    startMs,
    firstPosition: 0,
    segments: [{ durationSeconds: null, from: 20, to: 20 }],
    workers: ['a', 'b'].map((id) => ({ id, weight: 1, users: 0 })),
    maximumUsers: 100,
    ...more,
  }
}

function tallyOf(requests: number): Tally {
  const tally = new Tally()
  tally.arrivals = requests
  const series = tally.seriesOf('GET', '/')
  for (let count = 0; count < requests; count++)
    series.addEnd({ durationMs: 1, firstByteMs: 1, status: 200, error: undefined, bytes: 1 })
  return tally
}

function snapshot(requests: number, more: Partial<RunSnapshot> = {}): RunSnapshot {
  const script = { name: 's.yml', digest: 'd', target: 'http://t' }
  const tally = tallyOf(requests)
  return { runId, script, setpoint: setpoint(), sequence: 9, ended: false, tally, unsentWindows: [], ...more }
}

function createMaster(checkpoint?: Checkpoint): Master {
  return new Master({ version: '1', maximumSeries: 10, log: () => {}, checkpoint })
}

async function setpointOf(worker: PlayedWorker): Promise<Setpoint> {
  await eventually(() => worker.setpoint !== undefined, `${worker.id} hears from the next master`)
  assert.ok(worker.setpoint !== undefined)
  return worker.setpoint
}

describe('a master that takes over a run', () => {
  it('has all totals once its workers are back, and continues with a higher epoch than any of them knows', async () => {
    const master = createMaster()
    const older = new PlayedWorker(master, 'a', { snapshot: snapshot(100) })
    const level = [{ durationSeconds: null, from: 35, to: 35 }]
    const newer = new PlayedWorker(master, 'b', {
      snapshot: snapshot(120, { setpoint: setpoint({ epoch: 4, segments: level }) }),
    })
    for (const worker of [older, newer]) {
      const { epoch, segments } = await setpointOf(worker)
      assert.ok(epoch > 4, `epoch ${epoch}`)
      assert.deepEqual(segments, level, 'what the last master had asked for')
    }
    assert.equal(master.run?.report(master.now()).requests, 220)
    master.close()
  })

  it('resumes a run that was paused', async () => {
    const master = createMaster()
    const rest = new LoadProfile([{ durationSeconds: 300, from: 20, to: 20 }])
    const paused = setpoint({
      segments: [{ durationSeconds: null, from: 0, to: 0 }],
      paused: segmentsOf(rest),
      workers: [{ id: 'a', weight: 1, users: 0 }],
    })
    const worker = new PlayedWorker(master, 'a', { snapshot: snapshot(100, { setpoint: paused }) })
    await setpointOf(worker)
    assert.equal(master.run?.state, 'paused')
    master.resume()
    await eventually(() => worker.setpoint?.segments[0]?.from === 20, 'the load goes on')
    assert.equal(worker.setpoint?.segments[0]?.durationSeconds, 300)
    assert.equal(master.run?.state, 'running')
    master.close()
  })

  it('learns from the checkpoint how long the run was under load', async () => {
    const ended = { tally: new Tally(), unaccounted: 0, unfinished: 0 }
    const contribution = {
      id: 'a',
      name: 'a',
      sequence: 5,
      untilMs: startMs,
      inFlight: 0,
      tally: tallyOf(90),
      unaccounted: 0,
      ended,
    }
    const kept = { runId, startedMs: startMs, savedMs: localNow(), activeMs: 10_000, points: [], events: [] }
    const master = createMaster({ ...kept, contributions: [contribution] })
    const alone = setpoint({ workers: [{ id: 'a', weight: 1, users: 0 }] })
    await setpointOf(new PlayedWorker(master, 'a', { snapshot: snapshot(100, { setpoint: alone }) }))
    const { achievedRate, requests } = master.run?.report(master.now()) ?? {}
    assert.equal(requests, 100)
    assert.ok(Math.abs((achievedRate ?? 0) - 10) < 1.5, `100 arrivals in 10 s, not in a minute: ${achievedRate}`)
    master.close()
  })

  it('learns from a worker alone when the run began, and how long it was under load', async () => {
    const master = createMaster()
    const changed = setpoint({
      workers: [{ id: 'a', weight: 1, users: 0 }],
      startMs: localNow() - 10_000,
      activeMs: 30_000,
      firstPosition: 600,
    })
    await setpointOf(new PlayedWorker(master, 'a', { snapshot: snapshot(800, { setpoint: changed }) }))
    const report = master.run?.report(master.now())
    assert.equal(report?.startedMs, startMs)
    assert.ok(Math.abs((report?.achievedRate ?? 0) - 20) < 2, `800 arrivals in 40 s: ${report?.achievedRate}`)
    master.close()
  })

  it('fills in the seconds without a master from what every worker kept, in whatever order they reconnect', async () => {
    const master = createMaster()
    const windowMs = Math.floor((localNow() - 20_000) / 1000) * 1000
    const unsentWindows = [{ windowMs, tally: tallyOf(10) }]
    new PlayedWorker(master, 'a', { snapshot: snapshot(100, { unsentWindows }) })
    await new Promise((resolve) => setTimeout(resolve, 500))
    const second = new PlayedWorker(master, 'b', { snapshot: snapshot(100, { unsentWindows }) })
    await setpointOf(second)
    await eventually(() => (master.run?.results.timeline.points.length ?? 0) > 0, 'the second is settled')
    assert.equal(master.run?.results.timeline.points[0]?.requests, 20)
    master.close()
  })

  it('lets a worker whose lease had run out take part again', async () => {
    const master = createMaster()
    const alone = setpoint({ workers: [{ id: 'a', weight: 1, users: 0 }] })
    const first = new PlayedWorker(master, 'a', { snapshot: snapshot(100, { setpoint: alone }) })
    await setpointOf(first)
    const late = new PlayedWorker(master, 'b', { snapshot: snapshot(50, { ended: true }) })
    await eventually(() => late.setpoint?.workers.length === 2, 'it has a part of the load')
    late.report('report', runId, 4)
    await eventually(() => master.run?.results.total.requests === 154, 'all it counted, before and now')
    master.close()
  })
})
