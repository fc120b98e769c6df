import { test } from 'node:test'
import { seedFromEnvironment } from '../testing/seeded-random.ts'
import { fuzz } from './fuzz-run.ts'
import { readLabels, remoteWriteTarget } from './remote-write-target.ts'

const INPUTS = 3000

test('takes or refuses any remote_write request: no crash, no hang, no memory kept', async (context) => {
  const seed = seedFromEnvironment()
  context.diagnostic(`SEED=${seed}`)
  const report = await fuzz(remoteWriteTarget(readLabels), { seed, inputs: INPUTS })
  context.diagnostic(JSON.stringify(report))
})
