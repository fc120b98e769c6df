import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { freePort } from '@node-to-cloud/bench'
import type { StateView } from '../src/contract/api.ts'
import type { RunReport } from '../src/contract/run-report.ts'
import { eventually, LoadProcess } from '../test/testing/load-process.ts'
import { TargetServer } from '../test/testing/target-server.ts'

const token = 'token-of-a-test-0123456789'

describe('a fleet of real processes', () => {
  let folder = ''
  let port = 0
  let target: TargetServer
  const processes: LoadProcess[] = []

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-fleet-'))
    await writeFile(join(folder, 'hello.yml'), 'scenarios:\n  - flow:\n      - get: { url: / }\n')
  })
  after(() => rm(folder, { recursive: true }))
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((process) => process.dispose()))
    await target.close()
  })

  function spawn(args: readonly string[], environment: Record<string, string>): LoadProcess {
    const child = new LoadProcess(args, {
      TARGET_HOST: target.url,
      METRICS_PORT: '0',
      LOAD_TOKEN: token,
      LOAD_SCRIPT: join(folder, 'hello.yml'),
      LOAD_STATE_DIR: join(folder, `state-${port}`),
      ...environment,
    })
    processes.push(child)
    return child
  }

  function startMaster(environment: Record<string, string> = {}): LoadProcess {
    return spawn(['master'], { PORT: String(port), ...environment })
  }

  function startWorker(name: string, environment: Record<string, string> = {}): LoadProcess {
    return spawn(['worker', '--master', `http://127.0.0.1:${port}`], {
      LOAD_WORKER_NAME: name,
      LOAD_WEIGHT: '1',
      ...environment,
    })
  }

  async function startFleet(
    workers: number,
    environment: Record<string, string> = {},
    answer?: RequestListener,
  ): Promise<{ master: LoadProcess; workers: LoadProcess[] }> {
    target = await TargetServer.start(answer)
    port = await freePort()
    const master = startMaster(environment)
    const all = Array.from({ length: workers }, (_, index) => startWorker(`worker-${index + 1}`))
    await eventually(async () => ((await state())?.workers.length ?? 0) === workers, 'all workers join')
    return { master, workers: all }
  }

  async function ask(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    return fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  async function state(): Promise<StateView | undefined> {
    try {
      return (await (await ask('GET', '/api/state')).json()) as StateView
    } catch {
      return undefined
    }
  }

  async function run(): Promise<RunReport> {
    const current = (await state())?.run
    assert.ok(current !== undefined, 'there is a run')
    return current
  }

  it('shares a rate equally among three workers, and counts exactly what the target counted', async () => {
    await startFleet(3)
    await ask('POST', '/api/run', { rate: 90, durationSeconds: 4 })
    await eventually(async () => (await run()).state === 'finished', 'the run ends')
    const report = await run()
    assert.deepEqual([report.arrivals, report.requests, target.requests, report.unaccounted], [360, 360, 360, 0])
    assert.deepEqual(
      report.workers.map(({ arrivals }) => arrivals),
      [120, 120, 120],
    )
  })

  it('divides users by the largest remainder', async () => {
    await startFleet(3)
    await ask('POST', '/api/run', { users: 11 })
    await eventually(
      async () =>
        (await state())?.workers
          .map(({ users }) => users)
          .sort()
          .join() === '3,4,4',
      'the users are divided',
    )
    await ask('POST', '/api/run/stop')
    const stopped = target.requests
    assert.equal((await run()).requests, stopped)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    assert.equal(target.requests, stopped, 'nothing is sent after a stop is answered')
  })

  it('gives the load of a killed worker to the others, and counts what it had not reported as unaccounted', async () => {
    const { workers } = await startFleet(3)
    await ask('POST', '/api/run', { rate: 300 })
    await eventually(async () => (await run()).requests > 300, 'the load is on')
    workers[0]?.kill('SIGKILL')
    await eventually(
      async () => (await state())?.workers.some(({ state: is }) => is === 'lost') === true,
      'the loss is seen',
    )
    const lostAt = target.requests
    const since = performance.now()
    await eventually(() => target.requests - lostAt >= 900, 'the others make the whole load')
    const rate = (target.requests - lostAt) / ((performance.now() - since) / 1000)
    assert.ok(rate > 200, `two workers alone would make 200 a second, these make ${rate}`)
    await ask('POST', '/api/run/stop')
    const report = await run()
    assert.equal(report.state, 'finished')
    assert.ok(report.events.some(({ text }) => /worker-1 was lost/.test(text)))
    const missing = target.requests - report.requests
    assert.ok(
      missing >= 0 && missing <= report.unaccounted + 5,
      `${missing} requests were not reported, ${report.unaccounted} are unaccounted`,
    )
  })

  it('loses and repeats nothing when a worker leaves at SIGTERM and another one joins', async () => {
    const { workers } = await startFleet(2)
    await ask('POST', '/api/run', { rate: 200 })
    await eventually(async () => (await run()).requests > 200, 'the load is on')
    workers[0]?.kill('SIGTERM')
    assert.equal(await workers[0]?.exited(), 0)
    startWorker('worker-3')
    await eventually(
      async () =>
        (await state())?.workers.some(({ name, state: is }) => name === 'worker-3' && is === 'running') === true,
      'the new worker works',
    )
    const seen = target.requests
    await eventually(() => target.requests > seen + 200, 'the load goes on')
    await ask('POST', '/api/run/stop')
    const report = await run()
    assert.deepEqual([report.requests, report.unaccounted], [target.requests, 0])
    // The clock goes on for the stretch of a stop; otherwise every arrival of the rate is there once.
    assert.ok(Math.abs(report.achievedRate - 200) < 10, `the rate was ${report.achievedRate}`)
  })

  it('makes no arrival twice when a worker is suspended for 8 s: what nobody could start is skipped', async () => {
    const { workers } = await startFleet(3)
    await ask('POST', '/api/run', { rate: 60, durationSeconds: 14 })
    await eventually(async () => (await run()).arrivals > 60, 'the load begins')
    workers[0]?.kill('SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, 8000))
    workers[0]?.kill('SIGCONT')
    await eventually(async () => (await run()).state === 'finished', 'the run ends')
    const { arrivals, skipped, unaccounted, planned, requests } = await run()
    assert.deepEqual([planned, arrivals + skipped + unaccounted, target.requests], [840, 840, requests])
    assert.deepEqual([requests, unaccounted], [arrivals, 0])
    assert.ok(skipped >= 40 && skipped <= 120, `${skipped} were due at the suspended worker before the others had them`)
  })

  it('continues without its master, and the next master has all totals', async () => {
    const { master } = await startFleet(2)
    await ask('POST', '/api/run', { rate: 100 })
    await eventually(async () => (await run()).requests > 150, 'the load is on')
    const { id } = await run()
    master.kill('SIGKILL')
    await master.exited()
    const without = target.requests
    await eventually(() => target.requests > without + 150, 'the load goes on without a master')
    startMaster()
    await eventually(
      async () => (await state())?.run?.id === id && (await state())?.workers.length === 2,
      'the next master has the run',
    )
    const counted = (await run()).requests
    assert.ok(counted > without, `${counted} requests are known`)
    await eventually(async () => (await run()).requests > counted + 50, 'the run goes on')
    await ask('POST', '/api/run/stop')
    const report = await run()
    assert.deepEqual([report.requests, report.unaccounted], [target.requests, 0])
    assert.ok(report.events.some(({ text }) => /another master/.test(text)))
  })

  it('runs before and after once, and keeps the variables of before across a restart of the master', async () => {
    await writeFile(
      join(folder, 'hooks.yml'),
      'before:\n  flow:\n    - post: { url: /login, capture: { json: $.id, as: id } }\nafter:\n  flow:\n    - delete: { url: "/sessions/{{ id }}" }\nscenarios:\n  - flow:\n      - get: { url: "/users/{{ id }}" }\n',
    )
    const seen = new Map<string, number>()
    const { master } = await startFleet(2, {}, (request, response) => {
      const key = `${request.method} ${request.url}`
      seen.set(key, (seen.get(key) ?? 0) + 1)
      response.end('{"id": 42}')
    })
    await ask('POST', '/api/run', { script: 'hooks.yml', rate: 60 })
    await eventually(async () => (await run()).requests > 60, 'the load is on')
    master.kill('SIGKILL')
    await master.exited()
    startMaster()
    await eventually(async () => (await state())?.workers.length === 2, 'the next master has the workers')
    startWorker('worker-3')
    await eventually(
      async () =>
        (await state())?.workers.some(({ name, state: is }) => name === 'worker-3' && is === 'running') === true,
      'the new worker works',
    )
    const before = seen.get('GET /users/42') ?? 0
    await eventually(() => (seen.get('GET /users/42') ?? 0) > before + 120, 'the load goes on')
    await ask('POST', '/api/run/stop')
    const { requests, state: is } = await run()
    assert.deepEqual(Object.fromEntries(seen), {
      'POST /login': 1,
      'GET /users/42': requests,
      'DELETE /sessions/42': 1,
    })
    assert.equal(is, 'finished')
  })

  it('stops by itself when no master comes back within the lease', async () => {
    const { master } = await startFleet(1, { LOAD_LEASE_SECONDS: '1' })
    await ask('POST', '/api/run', { rate: 50 })
    await eventually(async () => (await run()).requests > 20, 'the load is on')
    master.kill('SIGKILL')
    await processes[1]?.printed(/No master came back in time/)
    await eventually(() => performance.now() - target.lastAt > 1500, 'the load stops')
    const counted = target.requests
    startMaster({ LOAD_AUTOSTART: 'true', LOAD_RATE: '30' })
    await eventually(async () => {
      const runs = await ask('GET', '/api/runs').then(
        async (response) => (await response.json()) as { requests: number }[],
        () => [],
      )
      return runs.some(({ requests }) => requests === counted)
    }, 'the next master still gets the totals, and keeps them')
    await eventually(() => target.requests > counted + 20, 'the automatic start begins another run')
  })

  it('runs without a worker whose script differs, and says why', async () => {
    await startFleet(1)
    const other = await mkdtemp(join(tmpdir(), 'loadtester-other-'))
    await writeFile(join(other, 'hello.yml'), 'scenarios:\n  - flow:\n      - get: { url: /other }\n')
    startWorker('stranger', { LOAD_SCRIPT: join(other, 'hello.yml') })
    await eventually(async () => (await state())?.workers.length === 2, 'the other worker joins')
    await ask('POST', '/api/run', { rate: 40 })
    await eventually(async () => (await run()).requests > 40, 'the load is on')
    const stranger = (await state())?.workers.find(({ name }) => name === 'stranger')
    assert.equal(stranger?.state, 'failed')
    assert.match(stranger?.message ?? '', /differs from the file on the master/)
    await rm(other, { recursive: true })
  })

  it('tells a worker with a wrong token what is wrong, and the worker keeps trying', async () => {
    await startFleet(0)
    const stranger = startWorker('stranger', { LOAD_TOKEN: 'another-token-0123456789' })
    await stranger.printed(/rejects the token \(401\); use its LOAD_TOKEN/)
    await new Promise((resolve) => setTimeout(resolve, 3000))
    assert.equal(
      stranger.stdout.match(/rejects the token|before the connection was established/g)?.length,
      1,
      'it says so once',
    )
    assert.equal((await state())?.workers.length, 0)
  })

  it('begins automatically once the expected workers are there', async () => {
    target = await TargetServer.start()
    port = await freePort()
    startMaster({ LOAD_AUTOSTART: 'true', LOAD_RATE: '60', LOAD_EXPECT_WORKERS: '2' })
    const first = startWorker('worker-1')
    await first.printed(/Connected to the master/)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    assert.equal(target.requests, 0)
    startWorker('worker-2')
    await eventually(async () => ((await state())?.run?.workers.length ?? 0) === 2, 'both workers make load')
    await eventually(() => target.requests > 60, 'requests come')
  })
})
