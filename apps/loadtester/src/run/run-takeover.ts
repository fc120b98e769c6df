import type { FleetWorker } from '../fleet/fleet.ts'
import type { RunSnapshot } from '../protocol/messages.ts'
import { decodeTally } from '../results/tally-codec.ts'
import type { Checkpoint } from '../store/checkpoint-store.ts'
import { Run } from './run.ts'

/** Rebuilds a run that this master has never heard of: from a worker's snapshot, and what an earlier master left of it. */
export function adoptRun(
  snapshot: RunSnapshot,
  options: { readonly maximumSeries: number; readonly checkpoint: Checkpoint | undefined },
): Run {
  const checkpoint = options.checkpoint?.runId === snapshot.runId ? options.checkpoint : undefined
  const run = Run.adopt(snapshot, {
    maximumSeries: options.maximumSeries,
    points: checkpoint?.points ?? [],
    startedMs: checkpoint?.startedMs,
    active: checkpoint && { untilMs: checkpoint.savedMs, activeMs: checkpoint.activeMs },
  })
  for (const event of checkpoint?.events ?? []) run.note(event.atMs, event.text)
  run.results.restore(checkpoint?.contributions ?? [])
  return run
}

/** Puts all that a worker knows of a run in the place of what it reported to this master. */
export function addSnapshot(
  run: Run,
  worker: Pick<FleetWorker, 'id' | 'name'>,
  snapshot: RunSnapshot,
  options: { readonly maximumSeries: number; readonly nowMs: number },
): void {
  const { maximumSeries, nowMs } = options
  run.hearOf(snapshot.setpoint)
  run.results.replace(worker, snapshot.sequence, nowMs, decodeTally(snapshot.tally, { maximumSeries }))
  for (const { windowMs, tally } of snapshot.unsentWindows) {
    run.results.timeline.add(windowMs, worker.id, decodeTally(tally, { maximumSeries }), {
      users: 0,
      utilization: 0,
      target: run.levelAt(windowMs),
    })
  }
  run.note(nowMs, `worker ${worker.name} is back`)
}
