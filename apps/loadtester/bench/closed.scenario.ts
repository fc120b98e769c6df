import { LOCUST_VERSION, type Scenario } from '@node-to-cloud/bench'
import { benchFile, type Command, loadtester, locust, wrk } from './commands.ts'
import { requestsPerCpuSecond } from './measured-load.ts'

const users = 50
const options = { begunAfter: users, warmUpSeconds: 4, measuredSeconds: 5 }
const run = (url: string, ...more: readonly string[]): Command =>
  loadtester('run', benchFile('hello.yml'), '-t', url, '--users', String(users), '--duration', '120', '--json', ...more)
const runLocust = (url: string, ...more: readonly string[]): Command | undefined =>
  locust('--headless', '-u', String(users), '-r', String(users), '--host', url, ...more)
const runWrk = (url: string): Command | undefined => wrk('-t', '1', '-c', String(users), '-d', '120s', url)

const OURS = 'loadtester run'
const OURS_BY_TWO = 'loadtester run --workers 2'
const THEIR_ENGINE = "loadtester run, Artillery's own engine"
const LOCUST = `Locust ${LOCUST_VERSION}, FastHttpUser`
const LOCUST_BY_TWO = `${LOCUST}, --processes 2`
const WRK = 'wrk'

export const scenario: Scenario = {
  name: 'loadtester-closed',
  description: `The whole load tester, closed model: ${users} users on one CPU request a small text without pausing; everything is counted and measured. Locust comes from PyPI; wrk, which measures less, is included if it is installed.`,
  unit: 'requests/CPU-second',
  baseline: THEIR_ENGINE,
  variants: [
    {
      name: THEIR_ENGINE,
      measure: () => requestsPerCpuSecond(run, { ...options, env: { LOAD_HTTP_ENGINE: 'artillery' } }),
    },
    { name: OURS, measure: () => requestsPerCpuSecond(run, options) },
    { name: OURS_BY_TWO, measure: () => requestsPerCpuSecond((url) => run(url, '--workers', '2'), options) },
    { name: LOCUST, measure: () => requestsPerCpuSecond(runLocust, options) },
    {
      name: LOCUST_BY_TWO,
      measure: () => requestsPerCpuSecond((url) => runLocust(url, '--processes', '2'), options),
    },
    { name: WRK, measure: () => requestsPerCpuSecond(runWrk, options) },
  ],
  bounds: [
    { variant: OURS, of: LOCUST, atLeast: 4.5 },
    { variant: OURS_BY_TWO, of: LOCUST_BY_TWO, atLeast: 4.3 },
    { variant: OURS, of: WRK, atLeast: 0.45 },
    { variant: OURS, of: THEIR_ENGINE, atLeast: 2.5 },
  ],
}
