import { after, before, describe } from 'node:test'
import { createCertificate, hasOpenssl } from '../certificate.ts'
import { EngineComparison } from './compare-engines.ts'
import { generateHttp2Case } from './generated-scripts.ts'
import { testGenerated } from './same-generated.ts'

/** Generated scripts over HTTP/2, run by both engines. */

describe('over HTTP/2', { skip: hasOpenssl() ? false : 'openssl is not installed' }, () => {
  let engines: EngineComparison

  before(async () => {
    engines = await EngineComparison.start(createCertificate())
  })
  after(() => engines[Symbol.asyncDispose]())

  testGenerated(() => engines, generateHttp2Case, { firstSeed: 1001, cases: 100 })
})
