import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { LoadProcess } from '../../test/testing/load-process.ts'
import { TargetServer } from '../../test/testing/target-server.ts'
import { decodeBundle } from '../headless/result-bundle.ts'

const token = 'token-of-a-test-0123456789'

describe('loadtester run with workers of other machines', () => {
  let folder = ''
  let target: TargetServer
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-remote-'))
    target = await TargetServer.start()
    await writeFile(
      join(folder, 'hello.yml'),
      'config: { phases: [{ duration: 2, arrivalCount: 20 }], ensure: { thresholds: [{ http.requests: 20 }] } }\nscenarios:\n  - flow:\n      - get: { url: "/{{ word }}" }\n',
    )
  })
  after(async () => {
    await target.close()
    await rm(folder, { recursive: true })
  })

  it('has them make the load, gives their results and the exit code, and ends them', async () => {
    const script = join(folder, 'hello.yml')
    const more = ['--target', target.url, '--variables', '{"word":"given"}', '--expect-workers', '2', '--bundle']
    const run = new LoadProcess(['run', script, ...more], { LOAD_TOKEN: token, PORT: '0' })
    const port = await waitFor(run, /on port (\d+)/)
    const workers = ['a', 'b'].map((name) => {
      const environment = { LOAD_TOKEN: token, LOAD_WORKER_NAME: name, LOAD_SCRIPT: script, METRICS_PORT: '0' }
      const master = ['--master', `http://127.0.0.1:${port}`, '--end-with-master']
      return new LoadProcess(['worker', ...master], { ...environment, TARGET_HOST: target.url })
    })
    const code = await run.exited()
    const finished = run.stdout
      .split('\n')
      .map(decodeBundle)
      .find((one) => one !== undefined)
    assert.equal(code, 1, 'the bound is missed: 20 is not below 20')
    assert.deepEqual([finished?.report.arrivals, target.requests, finished?.report.verdict], [20, 20, 'failed'])
    assert.equal(finished?.artillery().aggregate.counters['http.requests'], 20)
    assert.deepEqual(await Promise.all(workers.map((worker) => worker.exited())), [0, 0])
  })

  it('needs a token', async () => {
    const run = new LoadProcess(['run', join(folder, 'hello.yml'), '--expect-workers', '2'])
    assert.equal(await run.exited(), 2)
    assert.match(run.stderr, /--expect-workers needs LOAD_TOKEN/)
  })
})

async function waitFor(run: LoadProcess, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = pattern.exec(run.stderr)?.[1]
    if (found !== undefined) return found
    assert.equal(run.child.exitCode, null, run.stderr)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
