import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LoadProfile } from '../load/profile.ts'
import { createMemoryChannel, type WorkerChannel } from '../protocol/channel.ts'
import { type MasterMessage, protocolVersion, type Setpoint } from '../protocol/messages.ts'
import { Tally } from '../results/tally.ts'
import { encodeTally } from '../results/tally-codec.ts'
import { eventually } from '../testing/load-process.ts'
import { Master } from './master.ts'
import { MasterError } from './master-error.ts'
import type { RunRequest } from './run.ts'

const request: RunRequest = {
  script: { name: 's.yml', digest: 'd', target: 'http://t' },
  model: 'open',
  profile: LoadProfile.constant(30),
  maximumUsers: 100,
  bounds: [],
}

/** A worker that a test plays by hand: it prepares what it is told to, and counts what it is told to. */
class PlayedWorker {
  readonly id: string
  readonly heard: MasterMessage[] = []
  readonly channel: WorkerChannel
  sequence = 0

  constructor(
    master: Master,
    id: string,
    options: { readonly prepares?: boolean; readonly version?: string; readonly weight?: number } = {},
  ) {
    this.id = id
    const { master: end, worker } = createMemoryChannel()
    this.channel = worker
    worker.onMessage((message) => {
      this.heard.push(message)
      if (message.type === 'prepare' && options.prepares !== false)
        worker.send({ type: 'prepared', runId: message.runId })
      if (message.type === 'stop') this.report('final', message.runId, 0)
    })
    master.connect(end)
    const { version = '1', weight = 1 } = options
    worker.send({ type: 'hello', protocol: protocolVersion, version, id, name: id, weight })
  }

  get setpoint(): Setpoint | undefined {
    return this.heard.filter((message) => message.type === 'setpoint').at(-1)?.setpoint
  }

  report(type: 'report' | 'final', runId: string, requests: number, users = 0): void {
    const tally = new Tally()
    tally.arrivals = requests
    tally.seriesOf('GET', '/').requests = requests
    const gauges = { users, inFlight: 0, utilization: 0, cpuCores: 0, memoryBytes: 1 }
    const epoch = this.setpoint?.epoch ?? 0
    const report = {
      runId,
      sequence: ++this.sequence,
      epoch,
      windowMs: 1000,
      untilMs: Date.now(),
      tally: encodeTally(tally),
      gauges,
    }
    this.channel.send({ type, report })
  }
}

function createMaster(): Master {
  return new Master({ version: '1', maximumSeries: 10, log: () => {} })
}

describe('Master', () => {
  it('gives every worker the same setpoint, and another one when the fleet changes', async () => {
    const master = createMaster()
    const a = new PlayedWorker(master, 'a')
    const b = new PlayedWorker(master, 'b', { weight: 2 })
    await master.waitForWorkers(2, 5000)
    await master.start(request)
    await eventually(() => a.setpoint !== undefined && b.setpoint !== undefined, 'setpoints come')
    assert.deepEqual(a.setpoint, b.setpoint)
    assert.deepEqual(a.setpoint?.workers, [
      { id: 'a', weight: 1, users: 0 },
      { id: 'b', weight: 2, users: 0 },
    ])
    const c = new PlayedWorker(master, 'c')
    await eventually(() => c.setpoint?.workers.length === 3, 'the new worker gets its part')
    b.channel.close('killed')
    await eventually(() => a.setpoint?.workers.map(({ id }) => id).join() === 'a,c', 'the others take over')
    assert.ok((a.setpoint?.epoch ?? 0) > (c.setpoint?.epoch ?? 0) - 1)
    assert.ok((a.setpoint?.firstPosition ?? -1) >= 0)
    master.close()
  })

  it('merges reports, ends when all have given their last one, and takes no late ones', async () => {
    const master = createMaster()
    const workers = ['a', 'b'].map((id) => new PlayedWorker(master, id))
    await master.waitForWorkers(2, 5000)
    const run = await master.start(request)
    for (const worker of workers) worker.report('report', run.id, 10)
    workers[0]?.report('report', 'another run', 99)
    await master.stop()
    assert.equal(run.state, 'finished')
    assert.equal(run.report(master.now()).requests, 20)
    workers[0]?.report('report', run.id, 5)
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(run.report(master.now()).requests, 20)
    master.close()
  })

  it('says what is missing or wrong', async () => {
    const master = createMaster()
    await assert.rejects(master.start(request), (error) => error instanceof MasterError && error.code === 'NO_WORKERS')
    await assert.rejects(
      master.waitForWorkers(1, 50),
      (error) => error instanceof MasterError && error.code === 'NO_WORKERS',
    )
    for (const act of [() => master.pause(), () => master.resume(), () => master.setLevel(1)]) {
      assert.throws(act, (error) => error instanceof MasterError && error.code === 'NO_RUN')
    }
    new PlayedWorker(master, 'a')
    await master.waitForWorkers(1, 5000)
    await master.start(request)
    await assert.rejects(master.start(request), (error) => error instanceof MasterError && error.code === 'RUN_ACTIVE')
    assert.throws(
      () => master.setLevel(Number.NaN),
      (error) => error instanceof MasterError && error.field === 'level',
    )
    master.close()
  })

  it('begins without a worker that cannot prepare, and fails where none can', async () => {
    const master = createMaster()
    const good = new PlayedWorker(master, 'good')
    const bad = new PlayedWorker(master, 'bad', { prepares: false })
    bad.channel.onMessage((message) => {
      if (message.type === 'prepare')
        bad.channel.send({ type: 'failed', runId: message.runId, message: 'no such script' })
    })
    await master.waitForWorkers(2, 5000)
    await master.start(request)
    await eventually(() => good.setpoint !== undefined, 'the good one works')
    assert.deepEqual(
      good.setpoint?.workers.map(({ id }) => id),
      ['good'],
    )
    await master.stop()
    good.channel.close('gone')
    await eventually(() => master.fleet.present.length === 1, 'the good one is gone')
    await assert.rejects(
      master.start(request),
      (error) =>
        error instanceof MasterError && error.code === 'PREPARE_FAILED' && /no such script/.test(error.message),
    )
    master.close()
  })

  it('refuses a worker of another version', async () => {
    const master = createMaster()
    const other = new PlayedWorker(master, 'a', { version: '2' })
    await eventually(() => other.heard.some((message) => message.type === 'refused'), 'it is told')
    assert.equal(master.fleet.present.length, 0)
    master.close()
  })

  it('counts a worker as lost that falls silent', async () => {
    const master = createMaster()
    new PlayedWorker(master, 'a')
    await master.waitForWorkers(1, 5000)
    await eventually(() => master.fleet.get('a')?.state === 'lost', 'the silence is heard')
    assert.match(master.fleet.get('a')?.message ?? '', /silent/)
    master.close()
  })
})
