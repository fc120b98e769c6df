import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { processors } from '@node-to-cloud/bench'
import autocannon from 'autocannon'

/** Persistent connections, each with one request at a time. */
const connections = 50

/**
 * Sends GET requests to `url` over 50 connections, each as soon as the last one is answered, for `seconds`. Uses wrk if
 * it is on PATH, on a CPU of its own; otherwise autocannon in this process.
 *
 * @returns the number of 2xx responses
 * @throws if a response is not 2xx or a connection fails
 */
export async function load(url: string, seconds: number): Promise<number> {
  return hasWrk() ? loadByWrk(url, seconds) : loadByAutocannon(url, seconds)
}

let wrk: boolean | undefined

function hasWrk(): boolean {
  if (wrk === undefined) {
    try {
      execFileSync('sh', ['-c', 'command -v wrk'], { stdio: 'ignore' })
      wrk = true
    } catch {
      wrk = false
    }
  }
  return wrk
}

async function loadByWrk(url: string, seconds: number): Promise<number> {
  const { stdout } = await promisify(execFile)('taskset', [
    ...['-c', String(processors.load), 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`],
    url,
  ])
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1])
  if (!(requests > 0) || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk: ${stdout}`)
  return requests
}

async function loadByAutocannon(url: string, seconds: number): Promise<number> {
  const result = await autocannon({ url, connections, duration: seconds })
  if (result.errors > 0 || result.non2xx > 0)
    throw new Error(`${url}: ${result.errors} errors, ${result.non2xx} not 2xx`)
  return result['2xx']
}
