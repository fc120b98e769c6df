import { ArrivalSequence } from '../load/arrivals.ts'
import { seedOf } from '../load/poisson.ts'
import { LoadProfile } from '../load/profile.ts'
import { fromSegmentData, type Setpoint } from '../protocol/messages.ts'

const maximumCounted = 1_000_000

/**
 * How many arrivals a setpoint gave to a worker in a stretch of time: what a worker that was lost at its end had to
 * begin since its last report. Of the closed model nothing is known beforehand; there it is 0.
 */
export function missedArrivals(setpoint: Setpoint, workerId: string, fromMs: number, toMs: number): number {
  const worker = setpoint.workers.findIndex(({ id }) => id === workerId)
  if (setpoint.model === 'closed' || worker < 0) return 0
  const weights = setpoint.workers.map(({ weight }) => weight)
  const profile = new LoadProfile(setpoint.segments.map(fromSegmentData))
  const sequence = new ArrivalSequence(profile, { weights, worker }, setpoint.firstPosition, seedOf(setpoint.runId))
  sequence.skipUntil((fromMs - setpoint.startMs) / 1000)
  for (let missed = 0; missed < maximumCounted; missed++) {
    const arrival = sequence.peek()
    if (arrival === undefined || setpoint.startMs + arrival.dueSeconds * 1000 >= toMs) return missed
    sequence.advance()
  }
  return maximumCounted
}
