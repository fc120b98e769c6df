import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { messageOf } from '@node-to-cloud/command-line'
import type { Fleet } from '../fleet/fleet.ts'
import { localNow } from '../protocol/fleet-clock.ts'
import type { HookRunner } from './hook-runner.ts'
import type { LoadSharing } from './load-sharing.ts'
import { MasterError } from './master-error.ts'
import type { Run } from './run.ts'

/** An engine loads in a second or two; on a machine that is overloaded, in many more. */
const PREPARE_DEADLINE_MS = 60_000

/**
 * Begins a run: one worker runs the script's `before` flow, every worker prepares the script, and those that are ready
 * get their share of the load.
 *
 * @throws MasterError ERR_HOOK_FAILED; or ERR_PREPARE_FAILED with what the workers say, or if the run is stopped.
 */
export async function beginRun(run: Run, fleet: Fleet, hooks: HookRunner, sharing: LoadSharing): Promise<void> {
  try {
    run.setVariables(await hooks.run('before', run))
  } catch (error) {
    if (run.state === 'preparing') run.finish(localNow(), messageOf(error))
    throw error
  }
  checkPreparing(run)
  for (const worker of fleet.present) sharing.prepare(worker, run)
  const deadline = performance.now() + PREPARE_DEADLINE_MS
  const isPreparing = (): boolean =>
    run.state === 'preparing' && fleet.present.some(({ state }) => state === 'preparing')
  while (isPreparing() && performance.now() < deadline) await fleet.changes.wait(100)
  checkPreparing(run)
  const workers = fleet.available.length
  if (workers === 0) {
    const message = fleet.all.find(({ state }) => state === 'failed')?.message ?? 'no worker was ready in time'
    run.finish(localNow(), message)
    throw new MasterError('ERR_PREPARE_FAILED', message)
  }
  if (workers > 1) for (const notice of run.request.notices ?? []) run.note(localNow(), notice)
  await sharing.share(run, (available, startMs) => {
    run.note(startMs, `started with ${workers} ${plural(workers, 'worker')}`)
    return run.begin(available, startMs)
  })
  checkBegun(run)
}

function checkBegun(run: Run): void {
  if (run.setpoint === undefined) throw new MasterError('ERR_PREPARE_FAILED', 'The run was stopped before it began.')
}

function checkPreparing(run: Run): void {
  if (run.state !== 'preparing') throw new MasterError('ERR_PREPARE_FAILED', 'The run was stopped before it began.')
}
