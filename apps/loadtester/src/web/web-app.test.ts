import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createHostRules } from '@node-to-cloud/browser-kit'
import type { FastifyInstance } from 'fastify'
import { WebSocket } from 'ws'
import { eventually } from '../../test/testing/load-process.ts'
import { TargetServer } from '../../test/testing/target-server.ts'
import type { LogLine, StateView } from '../contract/api.ts'
import type { RunListing, RunReport } from '../contract/run-report.ts'
import { Master } from '../run/master.ts'
import { ScriptCatalog } from '../script/files/script-catalog.ts'
import { createTargetPolicy } from '../security/target-policy.ts'
import { LocalFleet } from '../service/local-fleet.ts'
import { RunStarter } from '../start/run-starter.ts'
import { RunStore } from '../store/run-store.ts'
import { LogLines } from './log-lines.ts'
import { createWebApp } from './web-app.ts'
import type { WebContext } from './web-context.ts'

const token = 'token-of-a-test-0123456789'

async function statusOf(port: string, path: string, headers: Record<string, string>): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}${path}`, { headers, redirect: 'manual' })).status
}

async function formGuess(port: string): Promise<number> {
  const body = new URLSearchParams({ token: 'guess' })
  return (await fetch(`http://127.0.0.1:${port}/login`, { method: 'POST', redirect: 'manual', body })).status
}

/** The status with which a worker is refused. */
function upgradeStatus(
  port: string,
  headers: Record<string, string> = { authorization: 'Bearer guess' },
): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/workers`, { headers })
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      socket.terminate()
    })
    socket.on('open', () => resolve(101))
    socket.on('error', () => {})
  })
}

describe('the web app', () => {
  let folder = ''
  let target: TargetServer
  let master: Master
  let workers: LocalFleet
  let app: FastifyInstance
  let context: WebContext
  let base = ''

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-web-'))
    await writeFile(
      join(folder, 'hello.yml'),
      'config:\n  phases: [{ duration: 600, arrivalRate: 20 }]\nscenarios:\n  - flow:\n      - get: { url: / }\n',
    )
    await writeFile(join(folder, 'broken.yml'), 'config: [')
    await writeFile(
      join(folder, 'shop.yml'),
      'config: { variables: { word: none, key: "{{ $env.HOME }}" } }\nscenarios:\n  - { name: browse, tags: [smoke], flow: [{ get: { url: "/browse/{{ word }}", name: "{{ word }}" } }] }\n  - { name: buy, tags: [smoke, paid], flow: [{ log: bought }, { get: { url: /buy } }] }\n  - { flow: [{ get: { url: /nameless } }] }\n',
    )
    await writeFile(join(folder, 'engine.yml'), 'scenarios:\n  - { engine: nowhere, flow: [{ get: { url: / } }] }\n')
    await writeFile(
      join(folder, 'tls.yml'),
      'config: { tls: { rejectUnauthorized: perhaps } }\nscenarios:\n  - flow: [{ get: { url: / } }]\n',
    )
    await writeFile(
      join(folder, 'short.yml'),
      'config:\n  phases: [{ duration: 1, arrivalRate: 10 }]\nscenarios:\n  - flow:\n      - get: { url: /missing }\n',
    )
    target = await TargetServer.start((request, response) => {
      response.statusCode = request.url === '/missing' ? 404 : 200
      response.end('x')
    })
    const catalog = new ScriptCatalog(folder)
    const store = new RunStore(folder, { log: () => {} })
    const log = (): void => {}
    master = new Master({
      version: '0.0.0',
      maximumSeries: 50,
      log,
      onWorkerLog: (worker, lines) => {
        for (const line of lines) context.log.add(line, worker)
      },
      onRunEnd: (run) => void store.keep(run.report(master.now())),
    })
    workers = new LocalFleet(master, 1, {
      version: '0.0.0',
      weight: 1,
      httpEngine: 'undici',
      maximumSeries: 50,
      resolveScript: (name) => catalog.resolve(name),
      log,
    })
    const targets = [target.url]
    const starter = new RunStarter(master, {
      catalog,
      defaultScript: 'hello.yml',
      defaultTarget: target.url,
      checkTarget: createTargetPolicy(targets),
    })
    context = {
      version: '0.0.0',
      master,
      starter,
      store,
      catalog,
      log: new LogLines(),
      defaultScript: 'hello.yml',
      targets,
    }
    app = createWebApp(context, { token, hosts: createHostRules({ listenHost: '127.0.0.1' }) })
    await app.listen({ host: '127.0.0.1', port: 0 })
    base = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    await master.waitForWorkers(1, 20_000)
  })
  after(async () => {
    await workers.close()
    master.close()
    await app.close()
    await target.close()
    await rm(folder, { recursive: true })
  })

  function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) }
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
    return fetch(base + path, {
      method,
      redirect: 'manual',
      headers: { authorization: `Bearer ${token}`, ...type, ...headers },
      ...json,
    })
  }

  async function state(): Promise<StateView> {
    return (await (await ask('GET', '/api/state')).json()) as StateView
  }

  async function stopped(): Promise<void> {
    if ((await state()).run?.endedMs === undefined && (await state()).run !== undefined)
      await ask('POST', '/api/run/stop')
  }

  describe('access', () => {
    it('needs the token for pages and everything else', async () => {
      for (const path of ['/api/state', '/stats/requests', '/kit/page.js']) {
        const answer = await fetch(base + path)
        assert.equal(answer.status, 401, path)
        assert.match(await answer.text(), /token/)
      }
      const page = await fetch(`${base}/`, { redirect: 'manual', headers: { accept: 'text/html' } })
      assert.deepEqual([page.status, page.headers.get('location')], [302, '/login'])
      assert.equal((await fetch(`${base}/api/state`, { headers: { authorization: 'Bearer wrong' } })).status, 401)
    })

    it('puts the token from a URL or the sign-in form into a cookie that scripts and other sites cannot use', async () => {
      const byUrl = await fetch(`${base}/?token=${token}`, { redirect: 'manual' })
      const cookie = byUrl.headers.get('set-cookie') ?? ''
      assert.equal(byUrl.headers.get('location'), '/')
      assert.match(cookie, /HttpOnly; SameSite=Strict/)
      const page = await fetch(`${base}/`, { headers: { cookie: cookie.split(';')[0] ?? '' } })
      assert.equal(page.status, 200)
      assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/)
      const login = (given: string): Promise<Response> =>
        fetch(`${base}/login`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ token: given }) })
      assert.equal((await login(token)).headers.get('location'), '/')
      assert.equal((await login('wrong')).headers.get('location'), '/login?wrong=1')
    })

    it('refuses other hosts and other sites, even with the cookie', async () => {
      const cookie =
        ((await fetch(`${base}/?token=${token}`, { redirect: 'manual' })).headers.get('set-cookie') ?? '').split(
          ';',
        )[0] ?? ''
      const rebound = await app.inject({ url: '/api/state', headers: { host: 'evil.example', cookie } })
      assert.equal(rebound.statusCode, 421)
      const port = new URL(base).port
      const foreign = await app.inject({
        method: 'POST',
        url: '/api/run/stop',
        headers: { host: `127.0.0.1:${port}`, origin: 'http://evil.example', cookie },
      })
      assert.equal(foreign.statusCode, 403)
      for (const site of ['cross-site', 'same-site']) {
        const headers = { 'sec-fetch-site': site, cookie }
        for (const path of ['/stop', '/stats/reset', '/api/state'])
          assert.equal(await statusOf(port, path, headers), 403, `${path} by an image of a page that is ${site}`)
        assert.equal(await statusOf(port, '/', headers), 200, `a link on a page that is ${site}`)
      }
      for (const path of ['/stop', '/stats/reset']) {
        const old = await fetch(base + path, { headers: { cookie } })
        assert.deepEqual([old.status, old.headers.get('allow')], [405, 'POST'])
      }
    })

    it('keeps the token out of the cookie', async () => {
      const answer = await fetch(`${base}/?token=${token}`, { redirect: 'manual' })
      assert.doesNotMatch(answer.headers.get('set-cookie') ?? '', new RegExp(token))
      const name = `loadtester_session_${new URL(base).port}`
      const asCookie = await fetch(`${base}/api/state`, { headers: { cookie: `${name}=${token}` } })
      assert.equal(asCookie.status, 401)
    })

    for (const [way, guess] of [
      ['in the form', (port: string) => formGuess(port)],
      ['in the header', (port: string) => statusOf(port, '/api/state', { authorization: 'Bearer guess' })],
      ['in the URL', (port: string) => statusOf(port, '/?token=guess', { accept: 'text/html' })],
      ['as the cookie', (port: string) => statusOf(port, '/api/state', { cookie: `loadtester_session_${port}=guess` })],
      ['as a worker', (port: string) => upgradeStatus(port)],
    ] as const) {
      it(`throttles clients that guess tokens ${way}`, async () => {
        const other = createWebApp(context, { token, hosts: createHostRules({ listenHost: '127.0.0.1' }) })
        await other.listen({ host: '127.0.0.1', port: 0 })
        const port = String((other.server.address() as AddressInfo).port)
        const answers: number[] = []
        for (let count = 0; count < 21; count++) answers.push(await guess(port))
        assert.ok(!answers.slice(0, 20).includes(429), String(answers))
        assert.equal(answers[20], 429)
        assert.equal(await statusOf(port, '/api/state', { authorization: 'Bearer guess' }), 429, 'every way is counted')
        assert.equal(await statusOf(port, '/api/state', { authorization: `Bearer ${token}` }), 200)
        await other.close()
      })
    }

    for (const { name, headers, status } of [
      { name: 'without the token', headers: {}, status: 401 },
      { name: 'with a wrong token', headers: { authorization: 'Bearer wrong' }, status: 401 },
      {
        name: 'from a browser',
        headers: { authorization: `Bearer ${token}`, origin: 'http://evil.example' },
        status: 403,
      },
    ]) {
      it(`refuses a worker ${name}`, async () => {
        assert.equal(await upgradeStatus(new URL(base).port, headers), status)
      })
    }

    it('refuses a worker of another version with a reason, and one that sends nonsense', async () => {
      const talk = async (first: string): Promise<{ heard: string; reason: string }> => {
        const socket = new WebSocket(`${base.replace('http', 'ws')}/workers`, {
          headers: { authorization: `Bearer ${token}` },
        })
        let heard = ''
        socket.on('open', () => socket.send(first))
        socket.on('message', (data) => {
          heard += String(data)
        })
        const reason = await new Promise<string>((resolve) =>
          socket.on('close', (_code, text) => resolve(String(text))),
        )
        return { heard, reason }
      }
      const older = await talk(
        JSON.stringify({ type: 'hello', protocol: 1, version: '9.9.9', id: 'x', name: 'x', weight: 1 }),
      )
      assert.match(older.heard, /use the same version/)
      assert.match((await talk('{"type":"nonsense"}')).reason, /not known/)
    })
  })

  describe('a run', () => {
    it('says what can be chosen in a script, and no values, which may come from the environment', async () => {
      assert.deepEqual(await (await ask('GET', '/api/scripts/shop.yml/choices')).json(), {
        scenarios: ['browse', 'buy'],
        tags: ['smoke', 'paid'],
        environments: [],
        variables: ['word', 'key'],
      })
    })

    it('runs one scenario with values for its variables', async () => {
      await stopped()
      const chosen = { script: 'shop.yml', scenario: 'browse', variables: { word: 'chosen' }, rate: 30 }
      assert.equal((await ask('POST', '/api/run', chosen)).status, 201)
      await eventually(async () => ((await state()).run?.requests ?? 0) > 10, 'requests are counted')
      const { run } = await state()
      assert.deepEqual(
        run?.series.map(({ name }) => name),
        ['chosen'],
      )
      await stopped()
    })

    it('runs scenarios by their tags, with percentiles of its own, and shows what they print', async () => {
      await stopped()
      const chosen = { script: 'shop.yml', tags: ['smoke'], excludeTags: 'browsing,paid'.split(',').slice(1), users: 2 }
      assert.equal((await ask('POST', '/api/run', { ...chosen, percentiles: [99.5, 10] })).status, 201)
      await eventually(async () => ((await state()).run?.requests ?? 0) > 10, 'requests are counted')
      const { run } = await state()
      assert.deepEqual(
        run?.scenarios?.map(({ name, ratio }) => [name, ratio]),
        [['browse', 1]],
      )
      assert.deepEqual(
        run?.total.percentiles?.map(([percentile]) => percentile),
        [10, 99.5],
      )
      assert.match(await (await ask('GET', '/api/runs/current/stats.csv')).text(), /,10%,99\.5%\r\n/)
      await stopped()
      const bought = { script: 'shop.yml', tags: 'paid', rate: 20 }
      assert.equal((await ask('POST', '/api/run', bought)).status, 201)
      await eventually(async () => {
        const lines = (await (await ask('GET', '/api/log')).json()) as readonly LogLine[]
        return lines.some(({ worker, text }) => worker === 'local' && text.includes('bought'))
      }, 'the line of the script is in the log')
      const logs = (await (await ask('GET', '/logs')).json()) as { workers: Record<string, string[]> }
      assert.ok(logs.workers.local?.some((text) => text.includes('bought')))
      await stopped()
    })

    for (const [name, fields, field] of [
      ['a tag that the script does not have', { tags: ['slow'] }, 'tags'],
      ['tags that leave no scenario', { tags: 'paid', excludeTags: 'smoke' }, 'tags'],
      ['percentiles above 100', { percentiles: [50, 101] }, 'percentiles'],
      ['percentiles that are not numbers', { percentiles: 'most' }, 'percentiles'],
      ['a scenario that the script does not have', { scenario: 'sell' }, 'scenario'],
      ['variables that are not an object', { variables: [1] }, 'variables'],
      ['a template, which could read the environment', { variables: { a: '{{ $env.HOME }}' } }, 'variables'],
    ] as const) {
      it(`is refused with ${name}`, async () => {
        await stopped()
        const answer = await ask('POST', '/api/run', { script: 'shop.yml', rate: 1, ...fields })
        assert.ok(answer.status >= 400 && answer.status < 500, `status ${answer.status}`)
        assert.equal(((await answer.json()) as { field: string }).field, field)
      })
    }

    it('is started, changed, paused, resumed and stopped', async () => {
      await stopped()
      const started = await ask('POST', '/api/run', { rate: 30 })
      assert.equal(started.status, 201)
      assert.equal((await ask('POST', '/api/run', { rate: 1 })).status, 409)
      await eventually(async () => ((await state()).run?.requests ?? 0) > 10, 'requests are counted')
      assert.equal((await ask('PATCH', '/api/run', { rate: 55.5 })).status, 200)
      await eventually(async () => (await state()).run?.level === 55.5, 'the level changes')
      for (const [change, field] of [
        [{ users: 3 }, 'rate'],
        [{ rate: 'NaN' }, 'rate'],
        [{ rate: 5, spawnRate: 0 }, 'spawnRate'],
        [{ rate: 5, speed: 1 }, 'speed'],
      ] as const) {
        const refused = await ask('PATCH', '/api/run', change)
        assert.deepEqual([refused.status, ((await refused.json()) as { field: string }).field], [400, field])
      }
      assert.equal((await ask('POST', '/api/run/pause')).status, 200)
      await eventually(async () => (await state()).run?.level === 0, 'the load pauses')
      const paused = target.requests
      await new Promise((resolve) => setTimeout(resolve, 400))
      assert.ok(target.requests - paused <= 10)
      assert.equal((await state()).run?.state, 'paused')
      assert.equal((await ask('POST', '/api/run/resume')).status, 200)
      await eventually(() => target.requests > paused + 20, 'the load goes on')
      assert.equal((await ask('POST', '/api/run/stop')).status, 200)
      const { run } = await state()
      assert.equal(run?.state, 'finished')
      const after = target.requests
      await new Promise((resolve) => setTimeout(resolve, 300))
      assert.equal(target.requests, after)
    })

    it('changes its users in the closed model', async () => {
      await stopped()
      await ask('POST', '/api/run', { users: 3 })
      await eventually(async () => (await state()).workers[0]?.users === 3, 'three users')
      await ask('PATCH', '/api/run', { users: 7 })
      await eventually(async () => (await state()).workers[0]?.users === 7, 'seven users')
      await ask('PATCH', '/api/run', { users: 2 })
      await eventually(async () => (await state()).workers[0]?.users === 2, 'two users')
      await ask('POST', '/api/run/stop')
    })

    it('ends by itself, with a report, files and a line in the history', async () => {
      await stopped()
      const before = target.requests
      const { id } = (await (await ask('POST', '/api/run', { script: 'short.yml' })).json()) as { id: string }
      await eventually(async () => (await state()).run?.state === 'finished', 'the run ends')
      await eventually(
        async () => ((await (await ask('GET', '/api/runs')).json()) as RunListing[]).some((run) => run.id === id),
        'the run is in the history',
      )
      const report = (await (await ask('GET', `/api/runs/${id}`)).json()) as RunReport
      assert.deepEqual([report.requests, report.arrivals, report.failures], [10, 10, 10])
      assert.equal(target.requests - before, 10)
      const [{ firstSeenMs = 0, lastSeenMs = 0, ...failure } = {}, ...others] = report.failureRows
      assert.deepEqual([failure, others], [{ method: 'GET', name: '/missing', error: 'HTTP 404', count: 10 }, []])
      assert.ok(firstSeenMs <= lastSeenMs && lastSeenMs - report.startedMs < 3000)
      for (const [file, type, holds] of [
        ['report.html', 'text/html', /<svg/],
        ['report.json', 'application/json', /"requests": 10/],
        ['stats.csv', 'text/csv', /^Type,Name,Request Count/],
        ['failures.csv', 'text/csv', /GET,\/missing,HTTP 404,10/],
        ['timeline.csv', 'text/csv', /^time,requests/],
      ] as const) {
        const answer = await ask('GET', `/api/runs/${id}/${file}`)
        assert.match(answer.headers.get('content-type') ?? '', new RegExp(type))
        assert.match(await answer.text(), holds)
      }
      for (const file of ['report.exe', 'constructor', '__proto__'])
        assert.equal((await ask('GET', `/api/runs/${id}/${file}`)).status, 404, file)
      assert.equal((await ask('DELETE', `/api/runs/${id}`)).status, 204)
      assert.equal((await ask('DELETE', `/api/runs/${id}`)).status, 404)
    })

    for (const { body, status, field } of [
      { body: { rate: 'NaN' }, status: 400, field: 'rate' },
      { body: { rate: -1 }, status: 400, field: 'rate' },
      { body: { users: 1.5 }, status: 400, field: 'users' },
      { body: { rate: 1, users: 1 }, status: 400, field: 'rate' },
      { body: { rate: 1, speed: 2 }, status: 400, field: 'speed' },
      { body: { script: 'broken.yml' }, status: 422, field: 'script' },
      { body: { script: '../../etc/passwd' }, status: 422, field: 'script' },
      { body: { target: 'http://evil.example' }, status: 403, field: 'target' },
      { body: { target: 'TARGET/{{ $env.HOME }}' }, status: 422, field: 'target' },
      { body: { environment: 'constructor' }, status: 422, field: 'config.environments' },
      { body: { script: 'tls.yml', rate: 1 }, status: 422, field: 'config.tls.rejectUnauthorized' },
      { body: { script: 'engine.yml', rate: 1 }, status: 422, field: undefined },
    ]) {
      it(`is refused for ${JSON.stringify(body)}, and the previous one stays`, async () => {
        await stopped()
        const before = (await state()).run?.id
        const text = JSON.stringify(body).replace('TARGET', target.url)
        const answer = await ask('POST', '/api/run', JSON.parse(text))
        const problem = (await answer.json()) as { field: string; message: string }
        assert.deepEqual([answer.status, problem.field], [status, field], problem.message)
        assert.ok(problem.message.length > 10)
        assert.equal((await state()).run?.id, before)
      })
    }
  })

  describe("Locust's interface", () => {
    const form = (fields: Record<string, string>): Promise<Response> =>
      fetch(`${base}/swarm`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: new URLSearchParams(fields),
      })

    it('starts a swarm, shows statistics, changes users, resets and stops', async () => {
      await stopped()
      const swarm = (await (await form({ user_count: '4', spawn_rate: '100', host: target.url })).json()) as {
        success: boolean
      }
      assert.equal(swarm.success, true)
      await eventually(async () => (await state()).workers[0]?.users === 4, 'four users')
      const stats = (await (await ask('GET', '/stats/requests')).json()) as {
        state: string
        stats: { name: string; num_requests: number }[]
      }
      assert.equal(stats.state, 'running')
      assert.equal(stats.stats.at(-1)?.name, 'Aggregated')
      // What Locust 2.47 itself answers.
      for (const name of [
        ...['stats', 'errors', 'total_rps', 'total_fail_per_sec', 'current_rps', 'current_fail_per_sec', 'fail_ratio'],
        ...['current_response_time_percentiles', 'state', 'user_count', 'workers', 'worker_count'],
      ])
        assert.ok(name in stats, name)
      for (const name of [
        ...['method', 'name', 'num_requests', 'num_failures', 'avg_response_time', 'min_response_time'],
        ...['max_response_time', 'current_rps', 'current_fail_per_sec', 'total_rps', 'total_fail_per_sec'],
        ...[
          'median_response_time',
          'response_time_percentile_0.95',
          'response_time_percentile_0.99',
          'avg_content_length',
        ],
      ])
        assert.ok(name in (stats.stats.at(-1) ?? {}), name)
      const scenarios = { '0': { ratio: 1, tasks: {} } }
      assert.deepEqual(await (await ask('GET', '/tasks')).json(), { per_class: scenarios, total: scenarios })
      await form({ user_count: '6', spawn_rate: '100' })
      await eventually(async () => (await state()).workers[0]?.users === 6, 'six users')
      assert.deepEqual(await (await ask('GET', '/worker-count')).json(), { worker_count: 1 })
      assert.match(await (await ask('GET', '/stats/requests/csv')).text(), /^Type,Name/)
      assert.match(await (await ask('GET', '/stats/requests_full_history/csv')).text(), /^time,requests/)
      const counted = (await state()).run?.requests ?? 0
      assert.equal(await (await ask('GET', '/stats/reset')).text(), 'ok')
      assert.equal(await (await ask('POST', '/stats/reset')).text(), 'ok')
      assert.ok(((await state()).run?.requests ?? Number.POSITIVE_INFINITY) < counted + 1000)
      assert.deepEqual(await (await ask('GET', '/exceptions')).json(), { exceptions: [] })
      assert.match(await (await ask('GET', '/exceptions/csv')).text(), /^Count,Message,Traceback,Nodes/)
      assert.deepEqual(await (await ask('POST', '/stop')).json(), { success: true, message: 'Test stopped' })
      assert.equal(((await (await ask('GET', '/stop')).json()) as { success: boolean }).success, true)
      assert.equal((await state()).run?.state, 'finished')
    })

    for (const [fields, field] of [
      [{ user_count: 'many' }, 'user_count'],
      [{ user_count: '1', run_time: 'soon' }, 'run_time'],
      [{ user_count: '1', spawn_rate: 'NaN' }, 'spawn_rate'],
      [{ user_count: '1', user_classes: 'Browse' }, 'user_classes'],
      [{ user_count: '1', shape_class: 'Stages' }, 'shape_class'],
    ] as const) {
      it(`refuses ${JSON.stringify(fields)} with 400`, async () => {
        const answer = await form(fields)
        assert.equal(answer.status, 400)
        assert.equal(((await answer.json()) as { field: string }).field, field)
      })
    }
  })
})
