import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { PlayedWorker } from '../../test/testing/played-worker.ts'
import { LoadProfile } from '../load/profile.ts'
import { parseWorkerMessage, workerWireFormat } from '../protocol/wire-format.ts'
import { Tally } from '../results/tally.ts'
import { Master } from './master.ts'

const MEBIBYTE = 1_048_576

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

function heapMebibytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed / MEBIBYTE
}

/** A tally whose every name, code and histogram is new, and as long as it may be. */
function tallyOfNewNames(seed: number, names: number): Tally {
  const tally = new Tally({ maximumSeries: names })
  for (let index = 0; index < names; index++) {
    const name = `${seed}-${index}-${'x'.repeat(480)}`
    const end = { durationMs: index, firstByteMs: 1, status: 500, error: `E${name}`, bytes: 1 }
    tally.seriesOf('GET', name).addEnd(end)
    tally.errors.set(name, 1)
    tally.counters.set(name, 1)
    tally.rates.set(name, 1)
    tally.addHistogram(name, index)
  }
  return tally
}

describe('a master with workers that misbehave', () => {
  it('stays within a bounded memory when each report has thousands of new names, and serves the others', async () => {
    const master = new Master({ version: '1', maximumSeries: 200, log: () => {} })
    const good = new PlayedWorker(master, 'good')
    const bad = new PlayedWorker(master, 'bad')
    await master.waitForWorkers(2, 5000)
    const run = await master.start({
      script: { name: 's.yml', digest: 'd', target: 'http://t' },
      ...{ model: 'open', profile: LoadProfile.constant(1), maximumUsers: 1, bounds: [] },
    })
    const sendNames = (seed: number): void => {
      const untilMs = Date.now()
      const windowMs = Math.floor(untilMs / 1000) * 1000
      const gauges = { users: 0, inFlight: 0, utilization: 0, cpuCores: 0, memoryBytes: 1 }
      const tally = tallyOfNewNames(seed, 2000)
      const report = { runId: run.id, sequence: seed, epoch: 1, windowMs, untilMs, tally, gauges }
      // As over the network: what the master can't take is refused there.
      bad.channel.send(parseWorkerMessage(workerWireFormat.encode({ type: 'report', report })))
    }
    for (let seed = 1; seed <= 10; seed++) sendNames(seed)
    await new Promise((resolve) => setImmediate(resolve))
    const before = heapMebibytes()
    for (let seed = 11; seed <= 60; seed++) sendNames(seed)
    good.report('report', run.id, 7)
    await new Promise((resolve) => setImmediate(resolve))
    const grown = heapMebibytes() - before
    assert.ok(run.results.total.series.size <= 201, `${run.results.total.series.size} series are kept`)
    assert.equal(run.results.tallyOf('good')?.requests, 7)
    assert.ok(grown < 60, `50 reports of 2000 new names each took ${grown.toFixed(0)} MiB`)
    master.close()
  })

  for (const [what, change] of [
    ['a name of a megabyte', (tally: Tally) => tally.counters.set('x'.repeat(1_000_000), 1)],
    ['a code of a megabyte', (tally: Tally) => tally.errors.set('x'.repeat(1_000_000), 1)],
  ] as const) {
    it(`refuses ${what}`, () => {
      const tally = new Tally()
      change(tally)
      const gauges = { users: 0, inFlight: 0, utilization: 0, cpuCores: 0, memoryBytes: 1 }
      const report = { runId: 'r', sequence: 1, epoch: 1, windowMs: 1000, untilMs: 1000, tally, gauges }
      const text = workerWireFormat.encode({ type: 'report', report })
      assert.throws(() => parseWorkerMessage(text), /a string of at most 500 characters/)
    })
  }
})
