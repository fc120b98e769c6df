import { after, before } from 'node:test'
import { EngineComparison } from './compare-engines.ts'
import { generateCase } from './generated-scripts.ts'
import { testGenerated } from './same-generated.ts'

/** Scripts generated from the options that Artillery documents, run by both engines. */

let engines: EngineComparison

before(async () => {
  engines = await EngineComparison.start()
})

after(() => engines[Symbol.asyncDispose]())

testGenerated(() => engines, generateCase, { firstSeed: 1, cases: 250 })
