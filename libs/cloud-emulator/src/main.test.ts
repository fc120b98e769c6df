import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { get } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'

const MAIN = join(import.meta.dirname, 'main.ts')
const ANY_PORTS = [
  '--https.listen-address=127.0.0.1:0',
  '--http.listen-address=127.0.0.1:0',
  '--grpc.listen-address=127.0.0.1:0',
  '--grpc-tls.listen-address=127.0.0.1:0',
  '--otlp-grpc.listen-address=127.0.0.1:0',
  '--otlp-http.listen-address=127.0.0.1:0',
]

interface Run {
  readonly child: ChildProcess
  readonly output: () => string
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>
}

function run(context: TestContext, args: readonly string[], environment: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, ['--conditions=@node-to-cloud/source', MAIN, ...args], {
    env: { PATH: process.env.PATH, ...environment },
  })
  context.after(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const ended = once(child, 'close').then(([code, signal]) => (code as number | null) ?? String(signal))
  return { child, output: () => output, ended }
}

async function waitFor(process: Run, pattern: RegExp): Promise<RegExpExecArray> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const match = pattern.exec(process.output())
    if (match) return match
    assert.ok(Date.now() < deadline && process.child.exitCode === null, `no ${pattern} in:\n${process.output()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('the program', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`serves until ${signal}, and releases its ports`, async (context) => {
      const process = run(context, ANY_PORTS)
      const [, url = '', grpcPort] = await waitFor(
        process,
        /Cloud emulator: (http:\/\/127\.0\.0\.1:\d+) .*gRPC at 127\.0\.0\.1:(\d+)/,
      )
      assert.equal((await fetch(`${url}/healthz`)).status, 200)
      assert.equal((await fetch(`${url}/readyz`)).status, 200)
      const events = await fetch(`${url}/api/events`)
      process.child.kill(signal)
      assert.equal(await process.ended, 0)
      await events.text()
      const socket = connect(Number(grpcPort), '127.0.0.1')
      const [error] = await once(socket, 'error')
      assert.equal(error.code, 'ECONNREFUSED')
    })
  }

  test('serves the same over TLS, with credentials for where it listens', async (context) => {
    const directory = await mkdtemp(join(tmpdir(), 'tls-'))
    context.after(() => rm(directory, { recursive: true }))
    const process = run(context, [...ANY_PORTS, '--tls-dir', directory])
    const [, url = '', httpsUrl = ''] = await waitFor(
      process,
      /Cloud emulator: (\S+) .*REST over TLS at (https:[^\s"]*\d)/,
    )
    const credentials = JSON.parse(await readFile(join(directory, 'credentials.json'), 'utf8'))
    assert.equal(credentials.token_url, `${url}/token`)
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: credentials.refresh_token })
    const token = await (await fetch(credentials.token_url, { method: 'POST', body })).json()
    assert.deepEqual([token.token_type, token.expires_in], ['Bearer', 3600])
    const ca = await readFile(join(directory, 'ca.crt'))
    const status = await new Promise((resolve, reject) => {
      const path = `${httpsUrl}/v3/projects/p/metricDescriptors`
      get(path, { ca, agent: false }, (answer) => resolve(answer.resume().statusCode)).on('error', reject)
    })
    assert.equal(status, 200)
    process.child.kill('SIGTERM')
    assert.equal(await process.ended, 0)
  })

  test('is not kept alive by a call whose response was lost', async (context) => {
    const process = run(context, ANY_PORTS)
    const [, url = ''] = await waitFor(process, /Cloud emulator: (\S+)/)
    await fetch(`${url}/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"loseAnswer": true}',
    })
    const lost = fetch(`${url}/v3/projects/p/metricDescriptors`)
    await waitForHit(url)
    process.child.kill('SIGTERM')
    await assert.rejects(lost)
    assert.equal(await process.ended, 0)
  })

  test('writes the TLS files', async (context) => {
    const directory = await mkdtemp(join(tmpdir(), 'tls-'))
    context.after(() => rm(directory, { recursive: true }))
    const first = run(context, ['tls', '--tls-dir', directory])
    assert.equal(await first.ended, 0, first.output())
    assert.match(first.output(), /^Wrote .*ca\.crt and .*credentials\.json\n$/)
    assert.deepEqual((await readdir(directory)).sort(), ['ca.crt', 'credentials.json', 'server.crt', 'server.key'])
    const second = run(context, ['tls', '--tls-dir', directory])
    assert.equal(await second.ended, 0)
    assert.match(second.output(), /^Still valid: /)
  })

  test('prints help and version', async (context) => {
    const help = run(context, ['--help'])
    const version = run(context, ['--version'])
    assert.deepEqual(await Promise.all([help.ended, version.ended]), [0, 0])
    assert.match(help.output(), /Usage:\n {2}cloud-emulator/)
    assert.match(version.output(), /^\d+\.\d+\.\d+\n$/)
  })

  test('exits with 2 and one message for an invalid option', async (context) => {
    const process = run(context, ['--retention', 'long'])
    assert.equal(await process.ended, 2)
    assert.match(
      process.output(),
      /^cloud-emulator: --retention "long" can't be used; it must be a duration .*\nTry: cloud-emulator --help\n$/,
    )
  })

  test('starts without OTLP ports that are in use, and prints a line for each', async (context) => {
    const first = run(context, ANY_PORTS)
    const [, http = '', grpc = ''] = await waitFor(first, /default ports: http:\/\/(\S+), (\S+) \(gRPC\)/)
    const second = run(context, [
      ...ANY_PORTS,
      `--otlp-http.listen-address=${http}`,
      `--otlp-grpc.listen-address=${grpc}`,
    ])
    const [, url = ''] = await waitFor(second, /Cloud emulator: (\S+)/)
    assert.match(second.output(), new RegExp(`No OTLP over HTTP: can't listen on ${http}: another process`))
    assert.match(second.output(), new RegExp(`No OTLP over gRPC: can't listen on ${grpc}: another process`))
    assert.equal((await fetch(`${url}/healthz`)).status, 200)
  })

  test('exits with 1 and one message for a port that is in use', async (context) => {
    const first = run(context, ANY_PORTS)
    const [, url = '', grpcPort = ''] = await waitFor(first, /Cloud emulator: (\S+) .*gRPC at 127\.0\.0\.1:(\d+)/)
    const taken = [
      ['--http.listen-address', new URL(url).host],
      ['--grpc.listen-address', `127.0.0.1:${grpcPort}`],
    ]
    for (const [option = '', address = ''] of taken) {
      const second = run(context, [...ANY_PORTS, `${option}=${address}`])
      assert.equal(await second.ended, 1)
      const lines = second.output().trim().split('\n')
      assert.equal(lines.length, 1, second.output())
      assert.match(lines[0] ?? '', new RegExp(`${address}.*another process`))
    }
  })
})

async function waitForHit(url: string): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const { faults } = (await (await fetch(`${url}/faults`)).json()) as { faults: { hits: number }[] }
    if (faults.some(({ hits }) => hits > 0)) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail('the fault had no effect')
}
