import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { seededRandom, seedFromEnvironment } from '../test/testing/seeded-random.ts'
import { eventually } from './child.ts'
import { PROMETHEUS_IS_MISSING } from './prometheus.ts'
import { Stack } from './stack.ts'

const PROGRAM = 'libs/prometheus-sidecar/e2e/programs/ending-sidecar.ts'

test('kill -9 exactly between the API’s response, the journal and the 2xx loses nothing and stores nothing twice', {
  skip: PROMETHEUS_IS_MISSING,
  timeout: 240_000,
}, async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed}`)
  const random = seededRandom(seed)
  const stack = await Stack.start(context, { random })
  await eventually('the first points are stored', async () => (await stack.emulator.summary()).points > 0)
  await stack.sidecar.child.stop('SIGKILL')
  for (const endAt of random.shuffled([
    'after response',
    'before commit',
    'after commit',
    'after response',
    'before commit',
  ])) {
    await stack.sidecar.restart({
      program: PROGRAM,
      env: { END_AT: endAt, END_AFTER: `${1 + random.below(endAt === 'after response' ? 60 : 6)}` },
    })
    assert.equal(await stack.sidecar.child.exit(), 'SIGKILL', stack.sidecar.output.slice(-3000))
    assert.match(stack.sidecar.child.output, new RegExp(`ended ${endAt}`))
  }
  await stack.sidecar.restart()
  let found = await stack.verifyAll('after the kills')
  // On a fast machine, the kills are over before Prometheus has scraped much.
  while (found.expected <= 50) {
    await setTimeout(2_000)
    found = await stack.verifyAll('after the kills')
  }
  context.diagnostic(`${found.expected} convertible samples, ${found.stored} points stored`)
})
