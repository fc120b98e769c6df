import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { tokenFileOf } from '../src/parts/parts.ts'
import { portsOf } from '../src/parts/ports.ts'

const LAUNCHER = fileURLToPath(new URL('../../../apps/loadtester/bin/loadtester.js', import.meta.url))
const LOADTESTER_DIR = fileURLToPath(new URL('../../../.pipeline/loadtester', import.meta.url))

/** A further worker of the pipeline's load tester, as another machine would add one. */
export interface LoadWorker {
  readonly pid: number
  hasJoined(): boolean
  stop(): Promise<void>
}

/** @param metricsPort - a port that is free */
export function startLoadWorker(portOffset: number, metricsPort: number): LoadWorker {
  const master = `http://127.0.0.1:${portsOf(portOffset).loadtester}`
  const child = spawn(process.execPath, [LAUNCHER, 'worker', '--master', master], {
    env: {
      ...process.env,
      HOST: '127.0.0.1',
      METRICS_PORT: String(metricsPort),
      LOAD_TOKEN: readFileSync(tokenFileOf(LOADTESTER_DIR), 'utf8').trim(),
      TARGET_HOST: `http://127.0.0.1:${portsOf(portOffset).flaskApp}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  return {
    pid: child.pid ?? Number.NaN,
    hasJoined: () => output.includes('Connected to the master'),
    stop: async () => {
      child.kill('SIGCONT')
      child.kill('SIGTERM')
      await closed
    },
  }
}
