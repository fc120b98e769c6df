import { setTimeout } from 'node:timers/promises'
import { inspect } from 'node:util'
import { messageOf } from '@node-to-cloud/command-line'

/** Returns the reasons why a process is not ready; none if it is. */
export type ReadinessCheck = () => readonly string[] | Promise<readonly string[]>

/** How long a check may take; a kubelet waits for a second. */
const CHECK_TIMEOUT_MS = 500

const running = new WeakMap<ReadinessCheck, Promise<readonly string[]>>()

/**
 * The reasons returned by `check`. If it throws, rejects, returns something other than a list, or does not settle in
 * time, that is a reason itself; it is not called again while it is running.
 */
export async function reasonsOf(
  check: ReadinessCheck,
  timeoutMs: number = CHECK_TIMEOUT_MS,
): Promise<readonly string[]> {
  let run = running.get(check)
  if (run === undefined) {
    run = runCheck(check).finally(() => running.delete(check))
    running.set(check, run)
  }
  const ended = new AbortController()
  const late = setTimeout(timeoutMs, [`a readiness check has not settled within ${timeoutMs} ms`], {
    signal: ended.signal,
  }).catch(() => [])
  try {
    return await Promise.race([run, late])
  } finally {
    ended.abort()
  }
}

async function runCheck(check: ReadinessCheck): Promise<readonly string[]> {
  try {
    const reasons: unknown = await check()
    if (Array.isArray(reasons)) return reasons.map(String)
    throw new TypeError(`it returned ${inspect(reasons)} instead of a list of reasons`)
  } catch (error) {
    return [`a readiness check failed: ${messageOf(error)}`]
  }
}
