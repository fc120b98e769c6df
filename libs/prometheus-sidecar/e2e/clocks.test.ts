import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { seededRandom, seedFromEnvironment } from '../test/testing/seeded-random.ts'
import { eventually } from './child.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'
import { Stack } from './stack.ts'

/** Makes the system clock wrong by this much. */
function skewedClock(ms: number): Readonly<Record<string, string>> {
  const source = `const now = Date.now; Date.now = () => now() + (${ms})`
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(source)}` }
}

test('a sidecar whose clock is set back and forward loses nothing and stores nothing twice', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 500_000,
}, async (context) => {
  const stack = await Stack.start(context, { random: seededRandom(seedFromEnvironment()) })
  const { emulator, sidecar } = stack
  for (const ms of [0, -120_000, 120_000, 0]) {
    const { points } = await emulator.summary()
    await eventually('points are stored', async () => (await emulator.summary()).points > points + 60, {
      withinMs: 120_000,
      detail: () => sidecar.output.slice(-3000),
    })
    await sidecar.child.stop('SIGKILL')
    await sidecar.restart({ env: skewedClock(ms) })
  }
  const { expected } = await stack.verifyAll('after the clock was set')
  context.diagnostic(`${expected} convertible samples`)
  assert.equal(await sidecar.metric('prometheus_sidecar_audit_differences'), 0)
})

test('a series whose timestamps jump forward and back continues, and samples that are late or too far ahead are counted', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 500_000,
}, async (context) => {
  let scrapes = 0
  const target = createServer((_request, response) => {
    scrapes += 1
    // A sample a minute ahead, then late ones; Prometheus accepts none that is ten minutes ahead.
    const offMs = [0, 0, 0, 60_000, 0, -5_000, 420_000][scrapes % 7] ?? 0
    const atMs = Date.now() + offMs
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end(`# TYPE own_time gauge\nown_time ${scrapes} ${atMs}\n# TYPE steady gauge\nsteady ${scrapes}\n`)
  })
  target.listen(0, '127.0.0.1')
  await once(target, 'listening')
  context.after(() => {
    target.close()
    target.closeAllConnections()
  })
  const address = target.address()
  assert.ok(typeof address === 'object' && address !== null)
  const { prometheus, emulator, sidecar } = await Stack.start(context, {
    random: seededRandom(seedFromEnvironment()),
    jobs: [{ job: 'own', target: `127.0.0.1:${address.port}`, interval: '2s' }],
    prometheus: { outOfOrderWindow: '30m' },
  })
  await eventually('many scrapes', async () => scrapes >= 30, { withinMs: 200_000 })
  target.close()
  target.closeAllConnections()
  let seen = ''
  await eventually(
    'some are stored, others are counted',
    async () => {
      const raw = (await prometheus.rawSeries()).find(({ labels }) => labels.__name__ === 'own_time')?.samples ?? []
      const stored = (await emulator.stored()).filter(({ type }) => type.endsWith('/own_time'))
      const wrong = stored.filter(({ endMs, value }) => !raw.some(([at, own]) => at === endMs && own === value))
      assert.deepEqual(wrong, [])
      const metrics = await (await fetch(`${sidecar.url}/metrics`)).text()
      const count = (reason: string) =>
        Number(
          new RegExp(`^prometheus_sidecar_dropped_samples_total\\{reason="${reason}"\\} (\\d+)`, 'm').exec(
            metrics,
          )?.[1],
        )
      seen = `${raw.length} raw samples, ${stored.length} stored, ${count('out_of_order')} late, ${count('timestamp_invalid')} too far ahead`
      return stored.length >= 4 && count('out_of_order') >= 2 && count('timestamp_invalid') >= 2
    },
    { withinMs: 60_000, everyMs: 2_000, detail: () => `${seen}\n${sidecar.output.slice(-3000)}` },
  )
  context.diagnostic(seen)
})
