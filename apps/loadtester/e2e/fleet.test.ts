import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { eventually } from '../test/testing/load-process.ts'
import { ProcessFleet } from '../test/testing/process-fleet.ts'

describe('a fleet of real processes', () => {
  let folder = ''
  let fleet: ProcessFleet

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-fleet-'))
    await writeFile(join(folder, 'hello.yml'), 'scenarios:\n  - flow:\n      - get: { url: / }\n')
    fleet = new ProcessFleet(folder, 'hello.yml')
  })
  after(() => rm(folder, { recursive: true }))
  afterEach(() => fleet.close())

  it('shares a rate equally among three workers, and counts exactly what the target counted', async () => {
    await fleet.start(3)
    await fleet.ask('POST', '/api/run', { rate: 90, durationSeconds: 4 })
    await eventually(async () => (await fleet.run()).state === 'finished', 'the run ends')
    const report = await fleet.run()
    assert.deepEqual([report.arrivals, report.requests, fleet.target.requests, report.unaccounted], [360, 360, 360, 0])
    assert.deepEqual(
      report.workers.map(({ arrivals }) => arrivals),
      [120, 120, 120],
    )
  })

  it('divides users by the largest remainder', async () => {
    await fleet.start(3)
    await fleet.ask('POST', '/api/run', { users: 11 })
    await eventually(
      async () =>
        (await fleet.state())?.workers
          .map(({ users }) => users)
          .sort()
          .join() === '3,4,4',
      'the users are divided',
    )
    await fleet.ask('POST', '/api/run/stop')
    const stopped = fleet.target.requests
    assert.equal((await fleet.run()).requests, stopped)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    assert.equal(fleet.target.requests, stopped, 'nothing is sent after a stop is answered')
  })

  it('gives the load of a killed worker to the others, and counts what it had not reported as unaccounted', async () => {
    const { workers } = await fleet.start(3)
    await fleet.ask('POST', '/api/run', { rate: 300 })
    await eventually(async () => (await fleet.run()).requests > 300, 'the load is on')
    workers[0]?.kill('SIGKILL')
    await eventually(
      async () => (await fleet.state())?.workers.some(({ state: is }) => is === 'lost') === true,
      'the loss is seen',
    )
    const lostAt = fleet.target.requests
    const since = performance.now()
    await eventually(() => fleet.target.requests - lostAt >= 900, 'the others make the whole load')
    const rate = (fleet.target.requests - lostAt) / ((performance.now() - since) / 1000)
    assert.ok(rate > 200, `two workers alone would make 200 a second, these make ${rate}`)
    await fleet.ask('POST', '/api/run/stop')
    const report = await fleet.run()
    assert.equal(report.state, 'finished')
    assert.ok(report.events.some(({ text }) => /worker-1 was lost/.test(text)))
    const missing = fleet.target.requests - report.requests
    assert.ok(
      missing >= 0 && missing <= report.unaccounted + 5,
      `${missing} requests were not reported, ${report.unaccounted} are unaccounted`,
    )
  })

  it('loses and repeats nothing when a worker leaves at SIGTERM and another one joins', async () => {
    const { workers } = await fleet.start(2)
    await fleet.ask('POST', '/api/run', { rate: 200 })
    await eventually(async () => (await fleet.run()).requests > 200, 'the load is on')
    workers[0]?.kill('SIGTERM')
    assert.equal(await workers[0]?.exited(), 0)
    fleet.startWorker('worker-3')
    await eventually(
      async () =>
        (await fleet.state())?.workers.some(({ name, state: is }) => name === 'worker-3' && is === 'running') === true,
      'the new worker works',
    )
    const seen = fleet.target.requests
    await eventually(() => fleet.target.requests > seen + 200, 'the load goes on')
    await fleet.ask('POST', '/api/run/stop')
    const report = await fleet.run()
    assert.deepEqual([report.requests, report.unaccounted], [fleet.target.requests, 0])
    // On a machine that has no time for them, arrivals are skipped.
    const rate = report.achievedRate + report.skipped / report.durationSeconds
    assert.ok(rate > 100 && rate < 210, `the rate was ${report.achievedRate}, ${report.skipped} were skipped`)
  })

  it('makes no arrival twice when a worker is suspended for 8 s: what nobody could start is skipped', async () => {
    const { workers } = await fleet.start(3)
    // Long enough for the worker to come back on a machine that has little time for it.
    await fleet.ask('POST', '/api/run', { rate: 60, durationSeconds: 30 })
    await eventually(async () => (await fleet.run()).arrivals > 60, 'the load begins')
    workers[0]?.kill('SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, 8000))
    workers[0]?.kill('SIGCONT')
    await eventually(async () => (await fleet.run()).state === 'finished', 'the run ends')
    const { arrivals, skipped, unaccounted, planned, requests } = await fleet.run()
    assert.deepEqual([planned, arrivals + skipped + unaccounted, fleet.target.requests], [1800, 1800, requests])
    assert.deepEqual([requests, unaccounted], [arrivals, 0])
    // Other workers skip some too, where they have no time for them.
    assert.ok(skipped >= 40, `${skipped} were due at the suspended worker before the others had them`)
  })

  it('continues without its master, and the next master has all totals', async () => {
    const { master } = await fleet.start(2)
    await fleet.ask('POST', '/api/run', { rate: 100 })
    await eventually(async () => (await fleet.run()).requests > 150, 'the load is on')
    const { id } = await fleet.run()
    master.kill('SIGKILL')
    await master.exited()
    const without = fleet.target.requests
    await eventually(() => fleet.target.requests > without + 150, 'the load goes on without a master')
    fleet.startMaster()
    await eventually(
      async () => (await fleet.state())?.run?.id === id && (await fleet.state())?.workers.length === 2,
      'the next master has the run',
    )
    const counted = (await fleet.run()).requests
    assert.ok(counted > without, `${counted} requests are known`)
    await eventually(async () => (await fleet.run()).requests > counted + 50, 'the run goes on')
    await fleet.ask('POST', '/api/run/stop')
    const report = await fleet.run()
    assert.deepEqual([report.requests, report.unaccounted], [fleet.target.requests, 0])
    assert.ok(report.events.some(({ text }) => /another master/.test(text)))
  })

  it('runs before and after once, and keeps the variables of before across a restart of the master', async () => {
    await writeFile(
      join(folder, 'hooks.yml'),
      'before:\n  flow:\n    - post: { url: /login, capture: { json: $.id, as: id } }\nafter:\n  flow:\n    - delete: { url: "/sessions/{{ id }}" }\nscenarios:\n  - flow:\n      - get: { url: "/users/{{ id }}" }\n',
    )
    const seen = new Map<string, number>()
    const { master } = await fleet.start(2, {}, (request, response) => {
      const key = `${request.method} ${request.url}`
      seen.set(key, (seen.get(key) ?? 0) + 1)
      response.end('{"id": 42}')
    })
    await fleet.ask('POST', '/api/run', { script: 'hooks.yml', rate: 60 })
    await eventually(async () => (await fleet.run()).requests > 60, 'the load is on')
    master.kill('SIGKILL')
    await master.exited()
    fleet.startMaster()
    await eventually(async () => (await fleet.state())?.workers.length === 2, 'the next master has the workers')
    fleet.startWorker('worker-3')
    await eventually(
      async () =>
        (await fleet.state())?.workers.some(({ name, state: is }) => name === 'worker-3' && is === 'running') === true,
      'the new worker works',
    )
    const before = seen.get('GET /users/42') ?? 0
    await eventually(() => (seen.get('GET /users/42') ?? 0) > before + 120, 'the load goes on')
    await fleet.ask('POST', '/api/run/stop')
    const { requests, state: is } = await fleet.run()
    assert.deepEqual(Object.fromEntries(seen), {
      'POST /login': 1,
      'GET /users/42': requests,
      'DELETE /sessions/42': 1,
    })
    assert.equal(is, 'finished')
  })

  it('stops by itself when no master comes back within the lease', async () => {
    const { master } = await fleet.start(1, { LOAD_LEASE_SECONDS: '1' })
    await fleet.ask('POST', '/api/run', { rate: 50 })
    await eventually(async () => (await fleet.run()).requests > 20, 'the load is on')
    master.kill('SIGKILL')
    await fleet.processes[1]?.printed(/No master came back in time/)
    await eventually(() => performance.now() - fleet.target.lastAt > 1500, 'the load stops')
    const counted = fleet.target.requests
    fleet.startMaster({ LOAD_AUTOSTART: 'true', LOAD_RATE: '30' })
    await eventually(async () => {
      const runs = await fleet.ask('GET', '/api/runs').then(
        async (response) => (await response.json()) as { requests: number }[],
        () => [],
      )
      return runs.some(({ requests }) => requests === counted)
    }, 'the next master still gets the totals, and keeps them')
    await eventually(() => fleet.target.requests > counted + 20, 'the automatic start begins another run')
  })

  it('runs without a worker whose script differs, and says why', async () => {
    await fleet.start(1)
    const other = await mkdtemp(join(tmpdir(), 'loadtester-other-'))
    await writeFile(join(other, 'hello.yml'), 'scenarios:\n  - flow:\n      - get: { url: /other }\n')
    fleet.startWorker('stranger', { LOAD_SCRIPT: join(other, 'hello.yml') })
    await eventually(async () => (await fleet.state())?.workers.length === 2, 'the other worker joins')
    await fleet.ask('POST', '/api/run', { rate: 40 })
    await eventually(async () => (await fleet.run()).requests > 40, 'the load is on')
    const stranger = (await fleet.state())?.workers.find(({ name }) => name === 'stranger')
    assert.equal(stranger?.state, 'failed')
    assert.match(stranger?.message ?? '', /differs from the file on the master/)
    await rm(other, { recursive: true })
  })

  it('tells a worker with a wrong token what is wrong, and the worker keeps trying', async () => {
    await fleet.start(0)
    const stranger = fleet.startWorker('stranger', { LOAD_TOKEN: 'another-token-0123456789' })
    await stranger.printed(/rejects the token \(401\); use its LOAD_TOKEN/)
    await new Promise((resolve) => setTimeout(resolve, 3000))
    assert.equal(
      stranger.stdout.match(/rejects the token|before the connection was established/g)?.length,
      1,
      'it says so once',
    )
    assert.equal((await fleet.state())?.workers.length, 0)
  })

  it('begins automatically once the expected workers are there', async () => {
    await fleet.open()
    fleet.startMaster({ LOAD_AUTOSTART: 'true', LOAD_RATE: '60', LOAD_EXPECT_WORKERS: '2' })
    const first = fleet.startWorker('worker-1')
    await first.printed(/Connected to the master/)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    assert.equal(fleet.target.requests, 0)
    fleet.startWorker('worker-2')
    await eventually(async () => ((await fleet.state())?.run?.workers.length ?? 0) === 2, 'both workers make load')
    await eventually(() => fleet.target.requests > 60, 'requests come')
  })
})
