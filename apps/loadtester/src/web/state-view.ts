import type { StateView, WorkerView } from '../contract/api.ts'
import { thinTimeline } from '../contract/thin-timeline.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { WebContext } from './web-context.ts'

/** As many points as a chart can show; a run of several days has more. */
const MAX_POINTS = 3600

/** @param sinceMs only points of the timeline after this time are included. */
export async function stateView(context: WebContext, sinceMs: number): Promise<StateView> {
  const { version, master, catalog, defaultScript, targets } = context
  const nowMs = master.now()
  const report = master.run?.report(nowMs)
  const points = report?.timeline.slice(report.timeline.findLastIndex(({ atMs }) => atMs <= sinceMs) + 1) ?? []
  return {
    ...{ version, nowMs, defaultScript, targets },
    run: report && { ...report, timeline: thinTimeline(points, MAX_POINTS) },
    workers: workerViews(master.fleet),
    scripts: await catalog.names(),
  }
}

/** The workers as the console shows them, including those that are gone. */
export function workerViews(fleet: Fleet): WorkerView[] {
  return fleet.all.map(({ id, name, state, message, weight, version, gauges, lagP99 }) => ({
    ...{ id, name, state, message, weight, version, lagP99 },
    ...gauges,
  }))
}
