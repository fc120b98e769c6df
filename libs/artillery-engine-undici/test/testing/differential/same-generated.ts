import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Case, comparable, type EngineComparison } from './compare-engines.ts'

/**
 * Tests that generated scripts do the same by both engines. ARTILLERY_SEED is the first seed, ARTILLERY_CASES how many:
 * `ARTILLERY_SEED=17 ARTILLERY_CASES=1` repeats one.
 */
export function testGenerated(
  engines: () => EngineComparison,
  generate: (seed: number) => Case,
  defaults: { readonly firstSeed: number; readonly cases: number },
): void {
  const firstSeed = Number(process.env.ARTILLERY_SEED ?? defaults.firstSeed)
  const cases = Number(process.env.ARTILLERY_CASES ?? defaults.cases)
  for (let seed = firstSeed; seed < firstSeed + cases; seed++) {
    const item = generate(seed)
    test(`same: generated from ${item.name}`, { timeout: 30_000 }, async (t) => {
      const theirs = await engines().theirs(item)
      const ours = await engines().ours(item)
      try {
        assert.deepEqual(comparable(ours), comparable(theirs))
      } catch (error) {
        t.diagnostic(JSON.stringify({ config: item.config, scenario: item.scenario, flow: item.flow }))
        throw error
      }
    })
  }
}
