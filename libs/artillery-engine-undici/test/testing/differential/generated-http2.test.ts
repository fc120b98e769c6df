import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createCertificate, hasOpenssl } from '../certificate.ts'
import { comparable, EngineComparison } from './compare-engines.ts'
import { generateHttp2Case } from './generated-scripts.ts'

/** Generated scripts over HTTP/2, run by both engines; ARTILLERY_SEED and ARTILLERY_CASES as for those over HTTP/1.1. */

const firstSeed = Number(process.env.ARTILLERY_SEED ?? 1001)
const cases = Number(process.env.ARTILLERY_CASES ?? 100)

describe('over HTTP/2', { skip: hasOpenssl() ? false : 'openssl is not installed' }, () => {
  let engines: EngineComparison

  before(async () => {
    engines = await EngineComparison.start(createCertificate())
  })
  after(() => engines[Symbol.asyncDispose]())

  for (let seed = firstSeed; seed < firstSeed + cases; seed++) {
    const item = generateHttp2Case(seed)
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
})
