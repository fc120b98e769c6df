import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { seededRandom, seedFromEnvironment } from '../test/testing/seeded-random.ts'
import { Sidecar } from './sidecar.ts'
import { Stack } from './stack.ts'

/** A stack whose Prometheus also sends to a second sidecar: `gmp` writes the other format into the same emulator. */
export async function startBothFormats(
  context: TestContext,
): Promise<{ stack: Stack; external: Sidecar; gmp: Sidecar }> {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed}`)
  const stack = await Stack.start(context, { random: seededRandom(seed) })
  const { prometheus, sidecar: external } = stack
  const gmp = await Sidecar.start({
    ...external.options,
    stateFile: join(prometheus.folder, 'state-gmp'),
    flags: ['--stackdriver.metrics-format=gmp'],
  })
  context.after(() => gmp.child.stop('SIGKILL'))
  await prometheus.writeTo([`${external.url}/api/v1/write`, `${gmp.url}/api/v1/write`])
  return { stack, external, gmp }
}
