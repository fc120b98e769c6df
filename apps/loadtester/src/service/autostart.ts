import { messageOf } from '@node-to-cloud/command-line'
import type { Master } from '../run/master.ts'
import type { RunStarter } from '../start/run-starter.ts'

export interface AutostartOptions {
  readonly rate: number | undefined
  readonly expectWorkers: number
  /** How long to wait for workers that bring an earlier master's run before starting another one. */
  readonly takeoverMs: number
  readonly log: (message: string) => void
  readonly signal: AbortSignal
}

const RETRY_MS = 1000

/** Starts a run as soon as there are workers and the target answers. Logs each reason for waiting once. */
export async function autostart(master: Master, starter: RunStarter, options: AutostartOptions): Promise<void> {
  const { signal, log } = options
  let lastReason: string | undefined
  const takeoverUntil = performance.now() + options.takeoverMs
  while (!signal.aborted) {
    try {
      await master.waitForWorkers(options.expectWorkers, RETRY_MS)
      if (master.run?.isLive === true) return
      if (performance.now() >= takeoverUntil) {
        const { script, profile, model } = (await starter.startSteadily(options.rate)).request
        const load = `${profile.levelAt(0)} ${model === 'open' ? 'arrivals a second' : 'users'}`
        log(`Started ${script.name} against ${script.target} with ${load}.`)
        return
      }
    } catch (error) {
      const reason = messageOf(error)
      if (reason !== lastReason && !signal.aborted) log(`The automatic start is waiting: ${reason}`)
      lastReason = reason
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref())
  }
}
