import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOptions } from '../src/options.ts'
import { partsOf } from '../src/parts/parts.ts'
import { listens, PipelineRun, statusOf } from './pipeline-run.ts'
import { untilOneTrace } from './shared-trace.ts'

/** The time within which everything must be gone; 2 s where nothing else runs. */
const END_MS = 6_000

for (const [index, [signal, to]] of (
  [
    ['SIGINT', 'group'],
    ['SIGHUP', 'group'],
    ['SIGTERM', 'process'],
  ] as const
).entries()) {
  const offset = 15_000 + index * 1000
  test(`start runs until ${signal} to its ${to}, answers at every URL, and leaves no process and no port`, async (t) => {
    const run = new PipelineRun(['start', '--port-offset', String(offset)])
    t.after(() => run.child.kill('SIGTERM'))
    await run.until('the table of types', () => run.stdout.includes('Everything has arrived.'), 180_000)
    const options = readOptions(['start', '--port-offset', String(offset)])
    assert(typeof options !== 'string')
    const parts = partsOf(options, { stateDir: '', loadtesterDir: '' })
    for (const { name, url } of parts) {
      assert(run.stdout.includes(url), `${name}'s URL is printed`)
      const address = run.stdout.split(/\s+/).find((word) => word.startsWith(url)) ?? url
      const status = await statusOf(address)
      assert(status < 400 || name === 'flask-app', `${name} answers ${status}`)
    }
    await untilOneTrace(parts.find(({ name }) => name === 'cloud-emulator')?.url ?? '')
    assert.match(run.stdout, /external\.googleapis\.com\/prometheus\/up +GAUGE +DOUBLE/)
    const pid = run.child.pid
    assert(pid !== undefined)
    const begin = performance.now()
    process.kill(to === 'group' ? -pid : pid, signal)
    const { code } = await run.closed
    assert.equal(code, 0, run.stderr)
    assert(performance.now() - begin < END_MS, `ended after ${Math.round(performance.now() - begin)} ms`)
    assert.deepEqual(run.processes(offset), [])
    for (const port of parts.flatMap(({ ports }) => ports)) assert.equal(await listens(port), false, `port ${port}`)
  })
}
