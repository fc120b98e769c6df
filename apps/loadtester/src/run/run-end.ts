import { messageOf } from '@node-to-cloud/command-line'
import type { Fleet } from '../fleet/fleet.ts'
import type { FleetWorker } from '../fleet/fleet-worker.ts'
import { localNow } from '../protocol/fleet-clock.ts'
import type { HookRunner } from './hook-runner.ts'
import { recordLost } from './lost-work.ts'
import type { Run } from './run.ts'

const STOP_DEADLINE_MS = 3000

/** Stops the load of a run on every worker. */
export function stopLoad(run: Run, fleet: Fleet, reason: string): void {
  run.note(localNow(), reason)
  run.stopLoad(localNow())
  for (const worker of fleet.present) {
    if (worker.state === 'idle' || worker.state === 'failed') continue
    worker.state = 'stopping'
    worker.send({ type: 'stop', runId: run.id })
  }
}

/** Waits for the last reports of a run that is stopping, runs the script's `after` flow, and finishes the run. */
export async function finishRun(run: Run, fleet: Fleet, hooks: HookRunner): Promise<void> {
  const deadline = performance.now() + STOP_DEADLINE_MS
  const waiting = (): FleetWorker[] => fleet.present.filter(({ state }) => state === 'stopping')
  while (waiting().length > 0 && performance.now() < deadline) await fleet.changes.wait(50)
  for (const worker of waiting()) {
    recordLost(run, worker, localNow())
    worker.state = 'failed'
    worker.message = 'it did not send its last results in time'
  }
  run.finish(localNow(), await runAfter(run, hooks))
}

/** @returns what went wrong; undefined if nothing did, or if there was no load. */
async function runAfter(run: Run, hooks: HookRunner): Promise<string | undefined> {
  if (run.setpoint === undefined) return undefined
  try {
    await hooks.run('after', run)
    return undefined
  } catch (error) {
    run.note(localNow(), messageOf(error))
    return messageOf(error)
  }
}
