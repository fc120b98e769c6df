import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { comparable, EngineComparison } from './compare-engines.ts'
import { generateCase } from './generated-scripts.ts'

/**
 * Scripts generated from the options that Artillery documents, run by both engines. ARTILLERY_SEED is the first seed,
 * ARTILLERY_CASES how many: `ARTILLERY_SEED=17 ARTILLERY_CASES=1` repeats one.
 */

const firstSeed = Number(process.env.ARTILLERY_SEED ?? 1)
const cases = Number(process.env.ARTILLERY_CASES ?? 250)

let engines: EngineComparison

before(async () => {
  engines = await EngineComparison.start()
})

after(() => engines[Symbol.asyncDispose]())

for (let seed = firstSeed; seed < firstSeed + cases; seed++) {
  const item = generateCase(seed)
  test(`same: generated from ${item.name}`, { timeout: 30_000 }, async (t) => {
    const theirs = await engines.theirs(item)
    const ours = await engines.ours(item)
    try {
      assert.deepEqual(comparable(ours), comparable(theirs))
    } catch (error) {
      t.diagnostic(JSON.stringify({ config: item.config, scenario: item.scenario, flow: item.flow }))
      throw error
    }
  })
}
