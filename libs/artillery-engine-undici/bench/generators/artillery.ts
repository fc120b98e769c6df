import { loadArtilleryCore } from '../../test/testing/artillery-core.ts'

/**
 * Fifty virtual users of Artillery's runner, in this process, each requesting in a loop without pause until it is ended.
 * Usage: `node artillery.ts ENGINE URL`, where ENGINE is `http` (Artillery's own) or `undici`.
 */
const [engine, target] = process.argv.slice(2)
const { runner } = await loadArtilleryCore()
const run = await runner(
  {
    config: {
      target,
      engines: engine === 'http' ? {} : { [String(engine)]: {} },
      phases: [{ duration: 1, arrivalCount: 50 }],
    },
    scenarios: [{ engine, flow: [{ count: -1, loop: [{ get: { url: '/' } }] }] }],
  },
  undefined,
  {},
)
run.run()
