import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Scenario } from '@node-to-cloud/bench'
import { benchFile, loadtester } from './commands.ts'
import { requestsPerCpuSecond } from './measured-load.ts'

const options = { begunAfter: 25, warmUpSeconds: 4, measuredSeconds: 8 }
const artillery = join(dirname(createRequire(import.meta.url).resolve('artillery/package.json')), 'bin', 'run')

const OURS = 'loadtester run'
const ARTILLERY = 'artillery run'
const BOUND = 'the bound: .10 CPU'
const rate = 50

export const scenario: Scenario = {
  name: 'loadtester-steady',
  description: `A steady ${rate} arrivals a second, one request each: requests per second of CPU time.`,
  unit: 'requests/CPU-second',
  baseline: ARTILLERY,
  variants: [
    { name: BOUND, measure: async () => rate / 0.1 },
    {
      name: ARTILLERY,
      measure: () =>
        requestsPerCpuSecond(
          (url) => [process.execPath, artillery, 'run', '--quiet', '--target', url, benchFile('hello.yml')],
          options,
        ),
    },
    {
      name: OURS,
      measure: () =>
        requestsPerCpuSecond(
          (url) =>
            loadtester(
              'run',
              benchFile('hello.yml'),
              '--target',
              url,
              '--rate',
              String(rate),
              '--duration',
              '120',
              '--json',
            ),
          options,
        ),
    },
  ],
  bounds: [
    { variant: OURS, of: BOUND, atLeast: 1 },
    { variant: OURS, of: ARTILLERY, atLeast: 5 },
  ],
}
