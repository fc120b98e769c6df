import type { StateView, WorkerView } from '../ui/browser/api-types.ts'
import type { Console } from './console.ts'

/** @param sinceMs only points of the timeline after this. */
export async function stateView(console: Console, sinceMs: number): Promise<StateView> {
  const { master } = console
  const report = master.run?.report(master.now())
  return {
    version: console.version,
    nowMs: master.now(),
    run:
      report === undefined
        ? undefined
        : { ...report, timeline: report.timeline.filter((point) => point.atMs > sinceMs) },
    workers: workerViews(console),
    scripts: await console.catalog.names(),
    defaultScript: console.defaultScript,
    targets: console.targets,
  }
}

export function workerViews({ master }: Console): WorkerView[] {
  return master.fleet.all.map(({ id, name, state, message, weight, version, gauges, lagP99 }) => ({
    id,
    name,
    state,
    message,
    weight,
    version,
    ...gauges,
    lagP99,
  }))
}
