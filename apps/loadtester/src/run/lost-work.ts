import { arrivalsOf, type Setpoint } from '../protocol/setpoint.ts'
import type { WorkerName } from '../results/run-results.ts'
import type { Run } from './run.ts'

const MAX_COUNTED = 1_000_000

/** Records that a worker was lost during a run. */
export function recordLost(run: Run, worker: WorkerName, nowMs: number): void {
  recordLostWork(run, worker, nowMs)
  run.note(nowMs, `worker ${worker.name} was lost`)
}

/** Records that a worker's last results will not come: what it may have sent since its last report is unaccounted. */
export function recordLostWork(run: Run, worker: WorkerName, nowMs: number): void {
  const { setpoint } = run
  if (setpoint === undefined) return
  const [oldest = setpoint] = run.setpoints
  const sinceMs = run.results.reportedUntilMs(worker.id) ?? oldest.startMs
  const missed =
    setpoint.model === 'open'
      ? missedUnderAll(run.setpoints, worker.id, sinceMs, nowMs)
      : estimateIterations(run, worker.id, sinceMs, nowMs)
  run.results.markLost(worker, missed)
}

/** The same under each of several setpoints for as long as it was in effect. */
export function missedUnderAll(setpoints: readonly Setpoint[], workerId: string, fromMs: number, toMs: number): number {
  const [oldest] = setpoints
  if (oldest === undefined) return 0
  const known = setpoints.map((setpoint, index) => {
    const untilMs = Math.min(toMs, setpoints[index + 1]?.startMs ?? toMs)
    return missedArrivals(setpoint, workerId, Math.max(fromMs, setpoint.startMs), untilMs)
  })
  // What an earlier master had shared is not known: all that was due then may have been this worker's.
  const earlierSeconds = Math.max(0, oldest.startMs - Math.max(fromMs, oldest.runStartMs)) / 1000
  const earlier = Math.min(oldest.firstPosition, earlierSeconds * (oldest.segments[0]?.from ?? 0))
  return Math.ceil(earlier) + known.reduce((sum, count) => sum + count, 0)
}

/** How many arrivals an open setpoint assigns to a worker between two times. */
export function missedArrivals(setpoint: Setpoint, workerId: string, fromMs: number, toMs: number): number {
  const sequence = arrivalsOf(setpoint, workerId)
  sequence.skipUntil((fromMs - setpoint.startMs) / 1000)
  for (let missed = 0; missed < MAX_COUNTED; missed++) {
    const arrival = sequence.peek()
    if (arrival === undefined || setpoint.startMs + arrival.dueSeconds * 1000 >= toMs) return missed
    sequence.advance()
  }
  return MAX_COUNTED
}

/** In the closed model: how many iterations a worker may have started between two times, at its rate so far. */
function estimateIterations(run: Run, id: string, fromMs: number, toMs: number): number {
  const tally = run.results.tallyOf(id)
  const elapsedMs = fromMs - run.startedMs
  return tally === undefined || elapsedMs <= 0 ? 0 : Math.max(0, (tally.arrivals * (toMs - fromMs)) / elapsedMs)
}
