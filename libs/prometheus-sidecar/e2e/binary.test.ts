import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ROOT } from './child.ts'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const BINARY = 'libs/prometheus-sidecar/bin/prometheus-sidecar.js'

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = {
      cwd: ROOT,
      env: { ...process.env, GOOGLE_CLOUD_PROJECT: '', METADATA_SERVER_DETECTION: 'none', ...env },
      timeout: 60_000,
    }
    execFile(process.execPath, [BINARY, ...args], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr })
    })
  })
}

describe('the binary', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidecar-binary-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('prints its flags', async () => {
    const { code, stdout } = await run(['--help'])
    assert.equal(code, 0)
    assert.match(stdout, /--stackdriver.project-id ID/)
    assert.match(stdout, /remote_write: \[\{ url: http:\/\/127.0.0.1:9091\/api\/v1\/write \}\]/)
  })

  it('prints its version', async () => {
    assert.match((await run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
  })

  it('names every bad flag at once, and exits with 2', async () => {
    const { code, stderr } = await run(['--log.level=loud', '--stackdriver.min-sampling-period=5'])
    assert.equal(code, 2)
    assert.match(stderr, /--stackdriver\.min-sampling-period "5".*\n.*--log\.level "loud"/)
  })

  it('says what to do if there is no project', async () => {
    const { code, stderr } = await run(['--stackdriver.api-address=http://127.0.0.1:1/?auth=false'], {
      GCE_METADATA_HOST: '127.0.0.1:1',
    })
    assert.equal(code, 2)
    assert.match(stderr, /the Google Cloud project is unknown/)
  })

  it('reports what is wrong with its files', async () => {
    const scrape = join(folder, 'scrape.yml')
    const config = join(folder, 'config.yml')
    await writeFile(scrape, 'scrape_configs: [{ job_name: a, kubernetes_sd_configs: [] }]')
    await writeFile(config, 'metric_renames: [{ from: a }]')
    const notPem = `--prometheus.ca-file=${config}`
    const noToken = `--prometheus.bearer-token-file=${folder}/none`
    const project = '--stackdriver.project-id=p'
    for (const [args, message] of [
      [[`--scrape.config=${scrape}`], /kubernetes_sd_configs: is not supported/],
      [[`--scrape.config=${folder}/none.yml`], /--scrape.config: .*none.yml can't be read/],
      [[`--config-file=${config}`], /metric_renames\[0\]: needs from and to/],
      [
        [notPem, noToken],
        /2 problems:\n.*--prometheus.bearer-token-file: .*none can't be read.*\n.*--prometheus.ca-file: .* contains no certificate/,
      ],
    ] as const) {
      const { code, stderr } = await run([project, ...args])
      assert.match(stderr, message)
      assert.equal(code, 2)
    }
  })

  it('exits with one message if it can’t store its state (2) or has no credentials (1)', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    const where = ['p', 'l', 'c']
    const identity = ['project-id', 'kubernetes.location', 'kubernetes.cluster-name'].map(
      (name, index) => `--stackdriver.${name}=${where[index]}`,
    )
    const cases: [args: string[], env: Record<string, string>, message: RegExp, code: number][] = [
      [
        [`--state-file=${file}/state`],
        {},
        /the state file .*a-file\/state can't be created: .*a-file is a file, not a folder; --state-file must name a file/,
        2,
      ],
      [[`--state-file=${folder}`], {}, /the state file .* is a folder; --state-file must name a file/, 2],
      [
        [],
        { GOOGLE_APPLICATION_CREDENTIALS: `${folder}/none` },
        /no usable Google credentials: .*The file at .*none does not exist/,
        1,
      ],
    ]
    for (const [args, env, message, expected] of cases) {
      const { code, stderr } = await run([...identity, '--web.listen-address=127.0.0.1:0', ...args], env)
      assert.match(stderr, message)
      assert.doesNotMatch(stderr, /\n\s+at /)
      assert.equal(code, expected)
    }
  })

  it('exits with 1 if its port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = address === null || typeof address === 'string' ? 0 : address.port
    const flags = [
      '--stackdriver.project-id=p',
      '--stackdriver.api-address=http://127.0.0.1:1/?auth=false',
      `--web.listen-address=127.0.0.1:${port}`,
    ]
    const { code, stderr } = await run(flags, { GCE_METADATA_HOST: '127.0.0.1:1' })
    server.close()
    assert.equal(code, 1)
    assert.match(
      stderr,
      new RegExp(`^prometheus-sidecar: --web.listen-address: can't listen on 127.0.0.1:${port}: another process .*\n$`),
    )
  })
})
