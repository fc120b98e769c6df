import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { eventually, type LoadProcess } from '../test/testing/load-process.ts'
import { ProcessFleet } from '../test/testing/process-fleet.ts'
import { seededRandom } from '../test/testing/seeded-random.ts'

/** FLEET_SEED is the first seed, FLEET_SEEDS how many: `FLEET_SEED=17 FLEET_SEEDS=1` repeats one. */
const firstSeed = Number(process.env.FLEET_SEED ?? 1)
const seeds = Number(process.env.FLEET_SEEDS ?? 3)

const RATE = 40
const SECONDS = 20
const PLANNED = RATE * SECONDS

describe('whatever happens to a fleet, its books balance and nothing is made twice', () => {
  let folder = ''
  let fleet: ProcessFleet
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadtester-chaos-'))
    await writeFile(join(folder, 'ids.csv'), Array.from({ length: PLANNED }, (_, id) => `${id}\n`).join(''))
    await writeFile(
      join(folder, 'ids.yml'),
      'config: { payload: { path: ids.csv, fields: [id], order: sequence } }\nscenarios:\n  - flow:\n      - get: { url: "/{{ id }}" }\n',
    )
    fleet = new ProcessFleet(folder, 'ids.yml')
  })
  after(() => rm(folder, { recursive: true }))
  afterEach(() => fleet.close())

  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    it(`from seed ${seed}`, async (t) => {
      const seen = new Map<string, number>()
      const { master, workers } = await fleet.start(3, {}, (request, response) => {
        seen.set(request.url ?? '', (seen.get(request.url ?? '') ?? 0) + 1)
        response.end()
      })
      await fleet.ask('POST', '/api/run', { rate: RATE, durationSeconds: SECONDS })
      await eventually(async () => (await fleet.run()).arrivals > RATE, 'the load begins')
      const { startedMs } = await fleet.run()
      await play({ fleet, master, workers, random: seededRandom(seed), done: (what) => t.diagnostic(what) })
      await eventually(async () => (await fleet.state())?.run?.state === 'finished', 'the run ends', 240_000)
      const report = await fleet.run()
      const { planned, arrivals, skipped, unaccounted } = report
      for (const { atMs, text } of report.events) t.diagnostic(`${((atMs - startedMs) / 1000).toFixed(1)} s: ${text}`)
      for (const { name, arrivals: own } of report.workers) t.diagnostic(`${name} started ${own}`)
      t.diagnostic(`planned ${planned} = started ${arrivals} + skipped ${skipped} + unaccounted ${unaccounted}`)
      const twice = [...seen].filter(([, times]) => times > 1)
      assert.deepEqual(twice, [], 'rows that were used twice')
      assert.equal(planned, PLANNED)
      assert.equal(arrivals + skipped + unaccounted, PLANNED)
      assert.ok(seen.size >= arrivals && seen.size <= arrivals + unaccounted, `${seen.size} came to the target`)
      assert.equal(report.startedMs, startedMs, 'the start is that of the run')
    })
  }
})

interface Play {
  readonly fleet: ProcessFleet
  master: LoadProcess
  readonly workers: LoadProcess[]
  readonly random: () => number
  readonly done: (what: string) => void
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Does to the fleet what the random numbers say, until shortly before the load ends. */
async function play(stage: Play): Promise<void> {
  const { fleet, workers, random, done } = stage
  const untilMs = performance.now() + (SECONDS - 4) * 1000
  while (performance.now() < untilMs) {
    await pause(300 + random() * 1500)
    const kind = random()
    const index = Math.floor(random() * workers.length)
    const worker = workers[index]
    if (kind < 0.2) {
      done('a worker joins')
      workers.push(fleet.startWorker(`late-${fleet.processes.length}`))
    } else if (kind < 0.4) {
      done('the master is restarted')
      stage.master.kill(random() < 0.5 ? 'SIGKILL' : 'SIGTERM')
      await stage.master.exited()
      await pause(random() * 1000)
      stage.master = fleet.startMaster()
      await eventually(async () => (await fleet.state())?.run !== undefined, 'the next master has the run', 240_000)
    } else if (kind < 0.65) {
      const ms = random() * 5000
      done(`a worker is suspended for ${ms.toFixed(0)} ms`)
      worker?.kill('SIGSTOP')
      await pause(ms)
      worker?.kill('SIGCONT')
    } else if (workers.length > 1) {
      const signal = kind < 0.85 ? 'SIGTERM' : 'SIGKILL'
      done(`a worker gets ${signal}`)
      workers.splice(index, 1)
      worker?.kill(signal)
    }
  }
}
