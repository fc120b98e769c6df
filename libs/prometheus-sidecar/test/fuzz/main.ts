import { parseArgs } from 'node:util'
import { seedFromEnvironment } from '../testing/seeded-random.ts'
import { fuzz } from './fuzz-run.ts'
import { fuzzTargets } from './targets.ts'

/** The long form of the fuzz tests: `node test/fuzz/main.ts --inputs 100000`, with the seed in `SEED`. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { inputs: { type: 'string', default: '100000' } } })
  const inputs = Number(values.inputs)
  if (!Number.isSafeInteger(inputs) || inputs < 1)
    throw new RangeError(`--inputs ${values.inputs}: must be a whole number of at least 1`)
  const seed = seedFromEnvironment()
  for (const target of fuzzTargets()) {
    console.log(`${target.name}: ${inputs} inputs, SEED=${seed}`)
    const report = await fuzz(target, { seed, inputs })
    console.log(`${target.name}: ${JSON.stringify(report)}`)
  }
}

await main()
