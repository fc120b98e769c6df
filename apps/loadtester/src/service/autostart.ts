import type { Master } from '../run/master.ts'
import type { RunStarter } from '../run/run-starter.ts'

export interface AutostartOptions {
  readonly rate: number | undefined
  readonly expectWorkers: number
  /** How long to wait for workers that bring a run along before one is begun. */
  readonly takeOverMs: number
  readonly log: (message: string) => void
  readonly signal: AbortSignal
}

const retryMs = 1000

/** Begins the automatic run as soon as there are workers and the target answers. Says once each why it waits. */
export async function autostart(master: Master, starter: RunStarter, options: AutostartOptions): Promise<void> {
  const { signal, log } = options
  let said: string | undefined
  const takeOverUntil = performance.now() + options.takeOverMs
  while (!signal.aborted) {
    try {
      await master.waitForWorkers(options.expectWorkers, retryMs)
      // Somebody was quicker, or the run of an earlier master goes on.
      if (master.run?.isLive === true) return
      if (performance.now() >= takeOverUntil) {
        const run = await starter.startSteadily(options.rate)
        const unit = run.request.model === 'open' ? 'arrivals a second go' : 'users go'
        log(`${run.levelAt(run.startedMs)} ${unit} to ${run.request.script.target}, by ${run.request.script.name}.`)
        return
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== said && !signal.aborted) log(`The automatic start waits: ${reason}`)
      said = reason
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs).unref())
  }
}
