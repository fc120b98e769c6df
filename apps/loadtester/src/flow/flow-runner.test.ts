import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Recorder } from '../engine/recorder.ts'
import { encodeTally } from '../results/tally-codec.ts'
import { readScript } from '../script/script.ts'
import { GATE_FUNCTION, gateFlow } from './flow-gate.ts'
import { FlowRunner } from './flow-runner.ts'

describe('FlowRunner', () => {
  let folder = ''
  let server: Server
  let target = ''
  const seen: { method: string; url: string; traceparent: unknown; b3?: unknown }[] = []
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-flow-'))
    server = createServer((request: IncomingMessage, response) => {
      const { traceparent, b3 } = request.headers
      seen.push({ method: request.method ?? '', url: request.url ?? '', traceparent, ...(b3 !== undefined && { b3 }) })
      request.resume()
      if (request.url === '/moved') response.writeHead(302, { location: '/end' })
      if (request.url === '/away') response.writeHead(302, { location: `${elsewhere()}/end` })
      if (request.url === '/bad') response.statusCode = 503
      setTimeout(() => response.end('{"id": 42}'), request.url === '/slow' ? 150 : 0)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  })

  /** The same server under another name: another origin. */
  function elsewhere(): string {
    return target.replace('127.0.0.1', 'localhost')
  }

  async function prepare(
    flow: string,
    recorder: Recorder,
    httpEngine: 'undici' | 'artillery',
    config = '',
    allowedOrigins?: readonly string[],
  ): Promise<FlowRunner> {
    const path = join(folder, `s${Math.random()}.yml`)
    await writeFile(path, `config:\n  target: ${target}\n${config}scenarios:\n  - name: one\n    flow:\n${flow}`)
    return FlowRunner.create(await readScript(path), recorder, { httpEngine, allowedOrigins })
  }

  function run(runner: FlowRunner): Promise<unknown> {
    return new Promise((resolve) => runner.start(0, resolve))
  }

  it('takes weights from templates', async () => {
    seen.length = 0
    process.env.LOADTESTER_TEST_WEIGHT = '0'
    const path = join(folder, 'weights.yml')
    await writeFile(
      path,
      `config: { target: "${target}", variables: { often: 3 } }
scenarios:
  - { weight: "{{ $processEnvironment.LOADTESTER_TEST_WEIGHT }}", flow: [{ get: { url: /never } }] }
  - { weight: "{{ often }}", flow: [{ get: { url: /always } }] }
`,
    )
    const runner = await FlowRunner.create(await readScript(path), new Recorder(), { httpEngine: 'undici' })
    for (let user = 0; user < 20; user++) await run(runner)
    assert.deepEqual(new Set(seen.map(({ url }) => url)), new Set(['/always']))
  })

  for (const engine of ['undici', 'artillery'] as const) {
    describe(`with the HTTP engine of ${engine}`, () => {
      it('counts every request that the target receives, by method and name in the script', async () => {
        seen.length = 0
        const recorder = new Recorder()
        const runner = await prepare(
          '      - get: { url: /, capture: { json: $.id, as: id } }\n      - post: { url: "/items/{{ id }}", json: { a: 1 } }\n      - get: { url: /moved, name: moving }\n      - get: { url: /bad }\n',
          recorder,
          engine,
        )
        assert.equal(await run(runner), undefined)
        const tally = recorder.take()
        assert.deepEqual(
          seen.map(({ method, url }) => `${method} ${url}`),
          ['GET /', 'POST /items/42', 'GET /moved', 'GET /end', 'GET /bad'],
        )
        const rows = [...tally.series.values()].map(({ method, name, requests, failures }) => [
          method,
          name,
          requests,
          failures,
        ])
        assert.deepEqual(rows, [
          ['GET', '/', 1, 0],
          ['POST', '/items/{{ id }}', 1, 0],
          ['GET', 'moving', 2, 0],
          ['GET', '/bad', 1, 1],
        ])
        assert.equal(tally.usersCompleted, 1)
        assert.equal(tally.usersFailed, 0)
        assert.equal(tally.intended.count, 1)
        assert.equal(recorder.inFlight, 0)
        assert.equal(tally.total().latency.count, 5)
        // Artillery's own engine tells of a redirect's answer only after the next request.
        assert.equal(tally.total().firstByte.count, engine === 'undici' ? 5 : 4)
      })

      it('sends the traceparent of the given span, and ends the span', async () => {
        seen.length = 0
        const ended: (number | undefined)[] = []
        const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
        const recorder = new Recorder({ trace: () => ({ traceparent, end: (status) => ended.push(status) }) })
        await run(await prepare('      - get: { url: / }\n      - get: { url: /bad }\n', recorder, engine))
        assert.deepEqual(
          seen.map((request) => request.traceparent),
          [traceparent, traceparent],
        )
        assert.deepEqual(ended, [200, 503])
      })

      it('sends the headers of another propagation, if the span has them', async () => {
        seen.length = 0
        const b3 = '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1'
        const recorder = new Recorder({ trace: () => ({ traceparent: undefined, headers: { b3 }, end: () => {} }) })
        await run(await prepare('      - get: { url: / }\n', recorder, engine))
        assert.deepEqual(seen, [{ method: 'GET', url: '/', traceparent: undefined, b3 }])
      })

      it('counts a request without a response as failed, by error code', async () => {
        const recorder = new Recorder()
        const runner = await prepare('      - get: { url: "http://127.0.0.1:9/" }\n', recorder, engine)
        assert.ok((await run(runner)) !== undefined)
        const tally = recorder.take()
        assert.deepEqual([...tally.total().errors], [['ECONNREFUSED', 1]])
        assert.deepEqual([tally.usersFailed, tally.usersFailedByRequest], [1, 1])
        assert.deepEqual([...tally.userFailures], [['ECONNREFUSED', 1]])
        assert.equal(recorder.inFlight, 0)
      })

      it('sends nothing to an origin that is not allowed, by a step or by a redirect', async () => {
        seen.length = 0
        for (const url of [`${elsewhere()}/step`, '/away']) {
          const runner = await prepare(`      - get: { url: "${url}" }\n`, new Recorder(), engine, '', [
            `${target}/base`,
          ])
          assert.ok((await run(runner)) !== undefined, url)
        }
        assert.deepEqual(
          seen.map(({ url }) => url),
          ['/away'],
        )
      })

      it('sends nothing more after a stop, and counts the request that was in flight', async () => {
        seen.length = 0
        const recorder = new Recorder()
        const runner = await prepare(
          '      - loop:\n          - get: { url: /slow }\n        count: 50\n',
          recorder,
          engine,
        )
        const over = run(runner)
        while (recorder.inFlight === 0) await new Promise((resolve) => setTimeout(resolve, 5))
        runner.stop()
        await over
        assert.equal(seen.length, 1)
        runner.start()
        assert.equal(runner.active, 0)
        const tally = recorder.take()
        assert.deepEqual([tally.total().requests, tally.usersFailed, tally.usersCut, tally.errors.size], [1, 0, 1, 0])
      })
    })
  }

  it('neither counts nor sends a request that was stopped while it waited for a connection', async () => {
    seen.length = 0
    const recorder = new Recorder()
    const runner = await prepare('      - get: { url: /slow }\n', recorder, 'undici', '  http: { pool: 1 }\n')
    const users = [1, 2, 3].map(() => run(runner))
    while (recorder.inFlight === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    runner.stop()
    await Promise.all(users)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const total = recorder.take().total()
    assert.deepEqual([seen.length, total.requests, total.failures], [1, 1, 0])
  })

  for (const { setting, expected } of [
    { setting: 'false', expected: /^undefined$/ },
    { setting: '{ sampled: false }', expected: /^00-a9[0-9a-f]{30}-[0-9a-f]{16}-00$/ },
    { setting: '{ enabled: true }', expected: /^of the span$/ },
  ]) {
    it(`prefers a script's distributedTracing: ${setting} to the span's traceparent`, async () => {
      seen.length = 0
      const recorder = new Recorder({ trace: () => ({ traceparent: 'of the span', end: () => {} }) })
      const config = `  http: { distributedTracing: ${setting} }\n`
      await run(await prepare('      - get: { url: / }\n', recorder, 'undici', config))
      assert.match(String(seen[0]?.traceparent), expected)
    })
  }

  it('gives every virtual user the variables of the run', async () => {
    seen.length = 0
    const path = join(folder, 'variables.yml')
    await writeFile(
      path,
      `config: { target: "${target}" }\nscenarios:\n  - flow:\n      - get: { url: "/users/{{ id }}" }\n`,
    )
    const runner = await FlowRunner.create(await readScript(path), new Recorder(), { variables: { id: 42 } })
    await run(runner)
    await run(runner)
    assert.deepEqual(
      seen.map(({ url }) => url),
      ['/users/42', '/users/42'],
    )
  })

  it('measures the time from when a user was due to the end of its first request, besides the response time', async () => {
    const recorder = new Recorder()
    const runner = await prepare('      - get: { url: / }\n      - get: { url: /slow }\n', recorder, 'undici')
    await new Promise((resolve) => runner.start(400, resolve))
    const { intended, series } = recorder.take()
    const service = series.get('GET /')?.latency.quantiles().max ?? 0
    assert.equal(intended.count, 1)
    const { min } = intended.quantiles()
    assert.ok(min >= 400 + service * 0.9 && min < 400 + service + 100, `${min} ms since due, ${service} ms of service`)
  })

  it('reports counters and histograms of functions, payload rows, variables, and plugins', async () => {
    await writeFile(join(folder, 'people.csv'), 'Ada\nAlan\n')
    await writeFile(
      join(folder, 'functions.mjs'),
      `export function note(context, events, next) { events.emit('counter', 'noted.' + context.vars.person, 1); events.emit('histogram', 'size', 5); next() }`,
    )
    const recorder = new Recorder()
    const runner = await prepare(
      '      - function: note\n      - get: { url: /, expect: { statusCode: 200 } }\n',
      recorder,
      'undici',
      '  processor: functions.mjs\n  payload: { path: people.csv, fields: [person], order: sequence }\n  plugins: { expect: {} }\n',
    )
    for (let user = 0; user < 4; user++) await run(runner)
    const data = encodeTally(recorder.take())
    const counters = new Map(data.counters)
    assert.deepEqual([counters.get('noted.Ada'), counters.get('noted.Alan')], [2, 2])
    assert.equal(counters.get('plugins.expect.ok'), 4)
    assert.deepEqual(
      data.histograms.map(([name]) => name),
      ['size'],
    )
  })
})

describe('gateFlow', () => {
  const gate = { function: GATE_FUNCTION }
  const get = { get: { url: '/' } }
  for (const { name, flow, gated } of [
    { name: 'lets the first request through', flow: [{ think: 1 }, get], gated: [{ think: 1 }, get] },
    { name: 'stands before each further one', flow: [get, { log: 'x' }, get], gated: [get, { log: 'x' }, gate, get] },
    {
      name: 'stands before each request of a loop',
      flow: [{ loop: [get, get], count: 2 }],
      gated: [{ loop: [gate, get, gate, get], count: 2 }],
    },
    {
      name: 'stands before parallel requests',
      flow: [get, { parallel: [get, get] }],
      gated: [get, gate, { parallel: [get, get] }],
    },
  ]) {
    it(name, () => {
      assert.deepEqual(gateFlow(flow), gated)
    })
  }
})
