import { loadArtilleryCore } from '../../test/testing/artillery-core.ts'

/**
 * Fifty virtual users of Artillery's runner, in this process, each requesting in a loop without pause until it is ended.
 * Usage: `node artillery.ts ENGINE URL [http2]`, where ENGINE is `http` (Artillery's own) or `undici`; with `http2` by
 * prior knowledge.
 */
const [engine, target, protocol] = process.argv.slice(2)
const { runner } = await loadArtilleryCore()
const run = await runner(
  {
    config: {
      target,
      engines: engine === 'http' ? {} : { [String(engine)]: {} },
      http: protocol === 'http2' ? { http2: 'prior-knowledge' } : {},
      phases: [{ duration: 1, arrivalCount: 50 }],
    },
    scenarios: [{ engine, flow: [{ count: -1, loop: [{ get: { url: '/' } }] }] }],
  },
  undefined,
  {},
)
run.run()
