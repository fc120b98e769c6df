import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom, seedFromEnvironment } from '../test/testing/seeded-random.ts'
import { eventually } from './child.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'
import { Stack } from './stack.ts'

const EXCLUDED = ['queue_length', 'sometimes', 'scrape_duration_seconds']

test('series that write_relabel_configs drop are not filled into gaps', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 300_000,
}, async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed}`)
  const drops = [{ source_labels: ['__name__'], regex: EXCLUDED.join('|'), action: 'drop' }]
  const stack = await Stack.start(context, {
    random: seededRandom(seed),
    prometheus: { remoteWrite: { write_relabel_configs: drops } },
  })
  await stack.pileUp({ points: 100, samples: 200 })
  await stack.prometheus.child.stop('SIGKILL')
  await stack.prometheus.restart()
  await stack.emulator.clearFaults()
  const filled = () => stack.sidecar.metric('prometheus_sidecar_hole_filled_samples')
  await eventually('gaps are filled', async () => (await filled()) > 50, { withinMs: 120_000 })
  // The other series of the target are looked at after those with gaps.
  let last = 0
  await eventually(
    'nothing more is filled',
    async () => {
      const now = await filled()
      const isSettled = now === last
      last = now
      return isSettled
    },
    { withinMs: 60_000, everyMs: 12_000 },
  )

  const types = new Set((await stack.emulator.stored()).map(({ type }) => type))
  assert.ok([...types].some((type) => type.includes('/jobs_done')))
  assert.deepEqual(
    [...types].filter((type) => EXCLUDED.some((name) => type.includes(`/${name}`))),
    [],
  )
})
