import { missedArrivals } from './missed-arrivals.ts'
import type { Run } from './run.ts'

/** Notes in a run that a worker's last results will not come: what it may have sent since its last report is unaccounted. */
export function noteLostWork(run: Run, worker: { readonly id: string; readonly name: string }, nowMs: number): void {
  const { setpoint } = run
  if (setpoint === undefined) return
  const untilMs = run.results.reportedUntilMs(worker.id) ?? setpoint.startMs
  const missed =
    setpoint.model === 'open'
      ? missedArrivals(setpoint, worker.id, untilMs, nowMs)
      : estimateIterations(run, worker.id, untilMs, nowMs)
  run.results.markLost(worker, missed)
}

/** In the closed model: how many flows a worker may have begun since its last report, by its rate so far. */
function estimateIterations(run: Run, id: string, fromMs: number, toMs: number): number {
  const tally = run.results.tallyOf(id)
  const elapsedMs = fromMs - run.startedMs
  if (tally === undefined || elapsedMs <= 0) return 0
  return Math.max(0, (tally.arrivals * (toMs - fromMs)) / elapsedMs)
}
