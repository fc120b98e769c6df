import type { Scenario } from '@node-to-cloud/bench'
import { benchFile, type Command, loadtester, locust } from './commands.ts'
import { requestsPerCpuSecond } from './measured-load.ts'

const users = 50
const options = { begunAfter: users, warmUpSeconds: 4, measuredSeconds: 5 }
const run = (url: string): Command =>
  loadtester('run', benchFile('hello.yml'), '--target', url, '--users', String(users), '--duration', '120', '--json')
const runLocust = (url: string): Command | undefined =>
  locust('--headless', '-u', String(users), '-r', String(users), '--host', url)

const OURS = 'loadtester run'
const THEIR_ENGINE = "loadtester run, Artillery's own engine"
const LOCUST = 'Locust FastHttpUser'

export const scenario: Scenario = {
  name: 'loadtester-closed',
  description: `The whole load tester, closed model: ${users} users on one CPU request a small text without pause; everything is counted and measured.`,
  unit: 'requests/CPU-second',
  baseline: THEIR_ENGINE,
  variants: [
    {
      name: THEIR_ENGINE,
      measure: () => requestsPerCpuSecond(run, { ...options, env: { LOAD_HTTP_ENGINE: 'artillery' } }),
    },
    { name: OURS, measure: () => requestsPerCpuSecond(run, options) },
    { name: LOCUST, measure: () => requestsPerCpuSecond(runLocust, options) },
  ],
  bounds: [
    { variant: OURS, of: LOCUST, atLeast: 2.5 },
    { variant: OURS, of: THEIR_ENGINE, atLeast: 2.5 },
  ],
}
