import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventually } from '../../test/testing/load-process.ts'
import { PlayedWorker } from '../../test/testing/played-worker.ts'
import { LoadProfile } from '../load/profile.ts'
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

function createMaster(): Master {
  return new Master({ version: '1', maximumSeries: 10, log: () => {} })
}

describe('Master', () => {
  it('sends every worker the same setpoint, and another one when the fleet changes', async () => {
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
    const epochs = a.heard.flatMap((message) => (message.type === 'setpoint' ? [message.setpoint.epoch] : []))
    assert.deepEqual(epochs, [1, 2, 3])
    assert.ok((a.setpoint?.firstPosition ?? -1) >= 0)
    master.close()
  })

  it('merges reports, ends when all workers have sent their last one, and ignores late ones', async () => {
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

  it('reports what is missing or wrong', async () => {
    const master = createMaster()
    await assert.rejects(
      master.start(request),
      (error) => error instanceof MasterError && error.code === 'ERR_NO_WORKERS',
    )
    await assert.rejects(
      master.waitForWorkers(1, 50),
      (error) => error instanceof MasterError && error.code === 'ERR_NO_WORKERS',
    )
    for (const act of [() => master.pause(), () => master.resume(), () => master.setLevel(1)]) {
      assert.throws(act, (error) => error instanceof MasterError && error.code === 'ERR_NO_RUN')
    }
    new PlayedWorker(master, 'a')
    await master.waitForWorkers(1, 5000)
    await master.start(request)
    await assert.rejects(
      master.start(request),
      (error) => error instanceof MasterError && error.code === 'ERR_RUN_ACTIVE',
    )
    assert.throws(
      () => master.setLevel(Number.NaN),
      (error) => error instanceof MasterError && error.field === 'level',
    )
    master.close()
  })

  it('begins without a worker that cannot prepare, and fails if none can', async () => {
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
        error instanceof MasterError && error.code === 'ERR_PREPARE_FAILED' && /no such script/.test(error.message),
    )
    master.close()
  })

  it('keeps the previous run if another one cannot begin, and can begin one after that', async () => {
    const master = createMaster()
    const worker = new PlayedWorker(master, 'a')
    await master.waitForWorkers(1, 5000)
    const last = await master.start(request)
    worker.report('report', last.id, 7)
    await master.stop()
    worker.refusal = 'engine "nowhere" cannot be loaded'
    await assert.rejects(
      master.start(request),
      (error) => error instanceof MasterError && error.code === 'ERR_PREPARE_FAILED' && /nowhere/.test(error.message),
    )
    assert.equal(master.run, last)
    assert.equal(last.report(master.now()).requests, 7)
    worker.refusal = undefined
    const next = await master.start(request)
    assert.equal(master.run, next)
    assert.equal(next.state, 'running')
    master.close()
  })

  it('counts what a worker whose engine was cut off had not reported, and continues with the others', async () => {
    const master = createMaster()
    const workers = ['a', 'b'].map((id) => new PlayedWorker(master, id))
    await master.waitForWorkers(2, 5000)
    const run = await master.start(request)
    await eventually(() => workers[1]?.setpoint !== undefined, 'they work')
    await new Promise((resolve) => setTimeout(resolve, 500))
    workers[0]?.fail(run.id, 'the engine thread ended', true)
    await eventually(() => workers[1]?.setpoint?.workers.length === 1, 'the other one has the load')
    assert.ok(run.results.unaccounted > 0, 'it had not reported a thing')
    assert.equal(run.state, 'running')
    master.close()
  })

  it('ends a run as failed when its last worker fails, and says why', async () => {
    const ended: string[] = []
    const master = new Master({
      version: '1',
      maximumSeries: 10,
      log: () => {},
      onRunEnd: ({ state }) => ended.push(state),
    })
    const worker = new PlayedWorker(master, 'a')
    await master.waitForWorkers(1, 5000)
    const run = await master.start(request)
    worker.report('report', run.id, 5)
    worker.fail(run.id, 'boom', false)
    await master.ended(run)
    const { state, failure, ok, requests, unaccounted } = run.report(master.now())
    assert.deepEqual([state, failure, ok, requests, unaccounted], ['failed', 'boom', false, 5, 0])
    assert.deepEqual(ended, ['failed'])
    master.close()
  })

  it('continues to count when a worker reconnects and numbers its reports from 1 again', async () => {
    const master = createMaster()
    const first = new PlayedWorker(master, 'a')
    await master.waitForWorkers(1, 5000)
    const run = await master.start(request)
    for (let count = 0; count < 5; count++) first.report('report', run.id, 10)
    await eventually(() => run.results.total.requests === 50, 'reports are added')
    const again = new PlayedWorker(master, 'a')
    await eventually(() => again.setpoint !== undefined, 'it works again')
    again.report('report', run.id, 3)
    await eventually(() => run.results.total.requests === 53, 'what it counts now is added')
    master.close()
  })

  it('puts the users of each worker into a setpoint, so that they stay where they are', async () => {
    const master = createMaster()
    const workers = ['a', 'b', 'c'].map((id) => new PlayedWorker(master, id))
    await master.waitForWorkers(3, 5000)
    const run = await master.start({ ...request, model: 'closed', profile: LoadProfile.constant(10) })
    for (const [index, worker] of workers.entries()) worker.report('report', run.id, 1, [3, 3, 4][index])
    await eventually(() => run.results.total.requests === 3, 'they report')
    master.setLevel(11)
    await eventually(() => workers[0]?.setpoint?.epoch === 2, 'the change comes')
    assert.deepEqual(
      workers[0]?.setpoint?.workers.map(({ users }) => users),
      [3, 3, 4],
    )
    master.close()
  })

  it('begins another share of users where the slowest worker is', async () => {
    const master = createMaster()
    const workers = ['a', 'b'].map((id) => new PlayedWorker(master, id))
    await master.waitForWorkers(2, 5000)
    await master.start({ ...request, model: 'closed', profile: LoadProfile.constant(10) })
    const slow = workers[1]
    assert.ok(slow !== undefined)
    slow.lateMs = 400
    await master.setLevel(20)
    await eventually(() => slow.setpoint?.epoch === 2, 'the change comes')
    const fence = slow.heard.findLast((message) => message.type === 'fence')
    assert.ok(fence !== undefined, 'it was asked')
    assert.equal(slow.setpoint?.startMs, fence.startMs + 400)
    master.close()
  })

  it('moves to another level at the given rate', async () => {
    const master = createMaster()
    const worker = new PlayedWorker(master, 'a')
    await master.waitForWorkers(1, 5000)
    await master.start(request)
    master.setLevel(50, { changePerSecond: 10 })
    await eventually(() => worker.setpoint?.epoch === 2, 'the change comes')
    assert.deepEqual(
      worker.setpoint?.segments.map(({ durationSeconds, from, to }) => [durationSeconds, from, to]),
      [
        [2, 30, 50],
        [null, 50, 50],
      ],
    )
    master.close()
  })

  it('begins another share where the slowest worker is, since that one may have made what is due until then', async () => {
    const master = createMaster()
    const workers = ['a', 'b', 'c'].map((id) => new PlayedWorker(master, id))
    await master.waitForWorkers(3, 5000)
    await master.start(request)
    const [a, b, c] = workers
    assert.ok(a !== undefined && b !== undefined && c !== undefined)
    b.lateMs = 400
    c.channel.close('killed')
    await eventually(() => a.setpoint?.epoch === 2 && b.setpoint?.epoch === 2, 'the others take over')
    const fence = a.heard.find((message) => message.type === 'fence')
    assert.equal(a.setpoint?.startMs, (fence?.startMs ?? 0) + 400)
    assert.deepEqual(a.setpoint, b.setpoint)
    master.close()
  })

  it('leaves the load as it is while a worker does not answer, and shares it once that one is gone', async () => {
    const master = createMaster()
    const a = new PlayedWorker(master, 'a')
    const b = new PlayedWorker(master, 'b', { answersFences: false })
    const c = new PlayedWorker(master, 'c')
    await master.waitForWorkers(3, 5000)
    await master.start(request)
    c.channel.close('killed')
    await eventually(() => a.heard.some(({ type }) => type === 'unfence'), 'the others go on')
    assert.equal(a.setpoint?.epoch, 1)
    b.channel.close('killed')
    await eventually(() => a.setpoint?.epoch === 2, 'one has the whole load')
    assert.deepEqual(
      a.setpoint?.workers.map(({ id }) => id),
      ['a'],
    )
    master.close()
  })

  for (const [name, windowMs] of [
    ['the far future', 1e13],
    ['long before the run', 1000],
  ] as const) {
    it(`disconnects a worker whose report is of ${name}, and keeps the others`, async () => {
      const master = createMaster()
      const [good, bad] = ['good', 'bad'].map((id) => new PlayedWorker(master, id))
      await master.waitForWorkers(2, 5000)
      const run = await master.start(request)
      assert.ok(good !== undefined && bad !== undefined)
      bad.windowMs = windowMs
      bad.report('report', run.id, 10)
      good.report('report', run.id, 3)
      await eventually(() => master.fleet.get('bad')?.channel === undefined, 'it is disconnected')
      await eventually(() => run.results.total.requests === 3, 'the other one counts')
      assert.match(master.fleet.get('bad')?.message ?? '', /another time/)
      master.close()
    })
  }

  it('keeps nothing of a flow that it has not asked for', async () => {
    const master = createMaster()
    const worker = new PlayedWorker(master, 'a')
    await master.waitForWorkers(1, 5000)
    for (let index = 0; index < 3; index++)
      worker.channel.send({ type: 'hookEnded', runId: `r${index}`, hook: 'before', variables: { index } })
    const run = await master.start(request)
    assert.equal(run.request.script.variables?.index, undefined)
    master.close()
  })

  it('disconnects a worker that claims to be far in the future', async () => {
    const master = createMaster()
    const [a, b] = ['a', 'b'].map((id) => new PlayedWorker(master, id))
    await master.waitForWorkers(2, 5000)
    await master.start(request)
    assert.ok(a !== undefined && b !== undefined)
    b.lateMs = 1e12
    await master.setLevel(5)
    assert.equal(master.fleet.get('b')?.channel, undefined)
    await eventually(() => a.setpoint?.segments[0]?.from === 5, 'the other one goes on')
    master.close()
  })

  it('refuses a worker of another version', async () => {
    const master = createMaster()
    const other = new PlayedWorker(master, 'a', { version: '2' })
    await eventually(() => other.heard.some((message) => message.type === 'refused'), 'it is told')
    assert.equal(master.fleet.present.length, 0)
    master.close()
  })

  it('counts a silent worker as lost', async () => {
    const master = createMaster()
    new PlayedWorker(master, 'a')
    await master.waitForWorkers(1, 5000)
    await eventually(() => master.fleet.get('a')?.state === 'lost', 'the silence is heard')
    assert.match(master.fleet.get('a')?.message ?? '', /silent/)
    master.close()
  })
})
