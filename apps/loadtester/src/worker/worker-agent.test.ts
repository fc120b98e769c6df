import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { eventually } from '../../test/testing/load-process.ts'
import { TargetServer } from '../../test/testing/target-server.ts'
import type { MasterChannel } from '../protocol/channel.ts'
import { localNow } from '../protocol/fleet-clock.ts'
import { createMemoryChannel } from '../protocol/memory-channel.ts'
import type { WorkerMessage } from '../protocol/messages.ts'
import type { Setpoint } from '../protocol/setpoint.ts'
import { readScript } from '../script/script.ts'
import { WorkerAgent } from './worker-agent.ts'

/** A master that a test plays by hand: it keeps all messages. */
class PlayedMaster {
  readonly heard: WorkerMessage[] = []
  readonly channel: MasterChannel

  constructor(agent: WorkerAgent) {
    const { master, worker } = createMemoryChannel()
    this.channel = master
    master.onMessage((message) => {
      this.heard.push(message)
      if (message.type === 'ping') master.send({ type: 'pong', sentMs: message.sentMs, masterMs: localNow() })
    })
    agent.attach(worker)
  }

  of<Type extends WorkerMessage['type']>(type: Type): (WorkerMessage & { type: Type })[] {
    return this.heard.filter((message): message is WorkerMessage & { type: Type } => message.type === type)
  }

  /** Requests by the reports that came. */
  get reported(): number {
    return [...this.of('report'), ...this.of('final')].reduce(
      (sum, { report }) => sum + report.tally.total().requests,
      0,
    )
  }
}

describe('WorkerAgent', () => {
  let folder = ''
  let target: TargetServer
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-agent-'))
    await writeFile(join(folder, 'hello.yml'), 'scenarios:\n  - flow:\n      - get: { url: / }\n')
    target = await TargetServer.start()
  })
  after(async () => {
    await target.close()
    await rm(folder, { recursive: true })
  })

  const agents: WorkerAgent[] = []
  afterEach(async () => {
    await Promise.all(agents.splice(0).map((agent) => agent.leave()))
  })

  function createAgent(): WorkerAgent {
    const agent = new WorkerAgent({
      id: 'a',
      name: 'a',
      version: '0',
      weight: 1,
      httpEngine: 'undici',
      maximumSeries: 20,
      resolveScript: (name) => join(folder, name),
      log: () => {},
    })
    agents.push(agent)
    return agent
  }

  function setpointOf(epoch: number, rate: number): Setpoint {
    return {
      runId: 'r',
      epoch,
      model: 'open',
      runStartMs: localNow(),
      activeMs: 0,
      startMs: localNow(),
      firstPosition: 0,
      segments: [{ durationSeconds: null, from: rate, to: rate }],
      workers: [{ id: 'a', weight: 1, users: 0 }],
      maximumUsers: 100,
    }
  }

  async function begin(master: PlayedMaster, rate: number, url = target.url): Promise<void> {
    const script = await readScript(join(folder, 'hello.yml'), { target: url })
    master.channel.send({ type: 'welcome', protocol: 1, version: '0', leaseMs: 60_000 })
    master.channel.send({
      type: 'prepare',
      runId: 'r',
      script: { name: script.name, digest: script.digest, target: url },
    })
    await eventually(() => master.of('prepared').length === 1, 'the worker is prepared')
    master.channel.send({ type: 'setpoint', setpoint: setpointOf(1, rate) })
  }

  it('hands everything it counted to the next master exactly once, including what it counts before that one answers', async () => {
    const agent = createAgent()
    const first = new PlayedMaster(agent)
    await begin(first, 100)
    await eventually(() => first.reported > 120, 'reports come')
    const windows = first.of('report').map(({ report }) => report)
    for (const { windowMs, untilMs, tally } of windows) {
      assert.equal(windowMs % 1000, 0)
      assert.ok(untilMs > windowMs && untilMs - windowMs < 1500, `${untilMs - windowMs} ms after its second`)
      for (const series of tally.series.values()) assert.deepEqual([series.method, series.name], ['GET', '/'])
    }
    const most = Math.max(
      ...windows.map(({ windowMs }) => windows.filter((other) => other.windowMs === windowMs).length),
    )
    assert.ok(most >= 2 && most <= 5, `a second is reported in quarters, this one in ${most}`)
    first.channel.close('killed')
    await eventually(
      () => performance.now() - target.lastAt > 500,
      'it waits: a living master may have shared its load',
    )
    const without = target.requests
    agent.masterIsGone()
    await eventually(() => target.requests > without + 50, 'the load goes on')
    const second = new PlayedMaster(agent)
    await eventually(() => second.reported > 50, 'reports come though nobody has welcomed the worker')
    second.channel.send({ type: 'welcome', protocol: 1, version: '0', leaseMs: 60_000 })
    second.channel.send({ type: 'stop', runId: 'r' })
    await eventually(() => second.of('final').length === 1, 'the last report comes')
    const snapshot = second.of('hello')[0]?.snapshot
    assert.ok(snapshot !== undefined)
    assert.equal(snapshot.tally.total().requests + second.reported, target.requests)
    assert.ok(snapshot.unsentWindows.length > 0)
    const sequences = [...second.of('report'), ...second.of('final')].map(({ report }) => report.sequence)
    assert.deepEqual(
      sequences,
      sequences.map((_, index) => snapshot.sequence + 1 + index),
    )
  })

  it('follows the setpoint with the highest epoch, in whatever order they arrive', async () => {
    const agent = createAgent()
    const master = new PlayedMaster(agent)
    await begin(master, 100)
    master.channel.send({ type: 'setpoint', setpoint: setpointOf(5, 0) })
    await eventually(() => master.of('report').at(-1)?.report.epoch === 5, 'it follows the fifth')
    const isIdle = (): boolean =>
      master
        .of('report')
        .slice(-3)
        .every(({ report: { epoch, gauges, tally } }) => epoch === 5 && gauges.users === 0 && tally.arrivals === 0)
    await eventually(isIdle, 'what was due before has ended')
    const settled = target.requests
    master.channel.send({ type: 'setpoint', setpoint: setpointOf(4, 500) })
    const reports = master.of('report').length
    await eventually(() => master.of('report').length > reports + 3, 'it has had the time to begin')
    assert.equal(target.requests, settled)
    assert.equal(master.of('report').at(-1)?.report.epoch, 5)
  })

  it('keeps within the limit of virtual users of each phase, and counts the arrivals it skips', async () => {
    const slow = await TargetServer.start(() => {})
    const agent = createAgent()
    const master = new PlayedMaster(agent)
    await begin(master, 0, slow.url)
    const segments = [
      { durationSeconds: 1, from: 50, to: 50, maximumUsers: 5 },
      { durationSeconds: null, from: 50, to: 50 },
    ]
    master.channel.send({ type: 'setpoint', setpoint: { ...setpointOf(2, 50), segments, maximumUsers: 20 } })
    const most = (): number => Math.max(0, ...master.of('report').map(({ report }) => report.gauges.users))
    await eventually(() => most() === 5, 'the first phase is full')
    await eventually(() => most() === 20, 'the next one has its own bound')
    const skipped = master.of('report').reduce((sum, { report }) => sum + report.tally.usersSkipped, 0)
    assert.ok(skipped >= 40, `${skipped} were skipped`)
    await agent.leave()
    agents.length = 0
    await slow.close()
  })

  it('reports why it cannot take part in a run', async () => {
    const agent = createAgent()
    const master = new PlayedMaster(agent)
    master.channel.send({
      type: 'prepare',
      runId: 'x',
      script: { name: 'missing.yml', digest: '', target: target.url },
    })
    await eventually(() => master.of('failed').length === 1, 'the worker refuses')
    assert.match(master.of('failed')[0]?.message ?? '', /missing\.yml/)
    master.channel.send({
      type: 'prepare',
      runId: 'y',
      script: { name: 'hello.yml', digest: 'another', target: target.url },
    })
    await eventually(() => master.of('failed').length === 2, 'the worker refuses another script')
    assert.match(master.of('failed')[1]?.message ?? '', /differs from the file on the master/)
    await agent.leave()
    assert.equal(agent.state, 'idle')
    agents.length = 0
  })
})
