import { test } from 'node:test'
import { seedFromEnvironment } from '../testing/seeded-random.ts'
import { fuzz } from './fuzz-run.ts'
import { fuzzTargets } from './targets.ts'

const INPUTS = 3_000

for (const target of fuzzTargets()) {
  test(`accepts or rejects any ${target.name} input: no crash, no hang, no memory leak`, async (context) => {
    const seed = seedFromEnvironment()
    context.diagnostic(`SEED=${seed}`)
    context.diagnostic(JSON.stringify(await fuzz(target, { seed, inputs: INPUTS })))
  })
}
