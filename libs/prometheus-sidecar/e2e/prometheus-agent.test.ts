import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { seededRandom, seedFromEnvironment } from '../test/testing/seeded-random.ts'
import { eventually } from './child.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'
import { Stack } from './stack.ts'

test('Prometheus in agent mode continues immediately after a restart, and the samples it skipped are counted', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 300_000,
}, async (context) => {
  const { prometheus, emulator, sidecar } = await Stack.start(context, {
    random: seededRandom(seedFromEnvironment()),
    prometheus: { isAgent: true },
  })
  const grows = async (what: string) => {
    const { points } = await emulator.summary()
    await eventually(what, async () => (await emulator.summary()).points > points + 60, {
      withinMs: 120_000,
      detail: () => sidecar.output.slice(-3000),
    })
  }
  await grows('points are stored')
  await prometheus.child.stop('SIGKILL')
  // At least one scrape is missed.
  await setTimeout(20_000)
  await prometheus.restart()
  await grows('more points are stored')
  assert.ok((await sidecar.metric('prometheus_sidecar_hole_unfilled_samples')) > 0)
  const metrics = await (await fetch(`${sidecar.url}/metrics`)).text()
  const [, sentAgain = '0'] =
    /^prometheus_sidecar_remote_write_requests_total\{status="503"\} (\d+)/m.exec(metrics) ?? []
  assert.equal(sentAgain, '0', sidecar.output.slice(-3000))
})
