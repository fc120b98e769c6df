import type { StateView, WorkerView } from '../contract/api-types.ts'
import { thinTimeline } from '../contract/thin-timeline.ts'
import type { Console } from './console.ts'

/** As many points of a timeline as a chart shows; a run of days has more. */
const maximumPoints = 3600

/** @param sinceMs only points of the timeline after this, thinned where they are very many. */
export async function stateView(console: Console, sinceMs: number): Promise<StateView> {
  const { master } = console
  const report = master.run?.report(master.now())
  return {
    version: console.version,
    nowMs: master.now(),
    run:
      report === undefined
        ? undefined
        : {
            ...report,
            timeline: thinTimeline(
              report.timeline.slice(report.timeline.findLastIndex((point) => point.atMs <= sinceMs) + 1),
              maximumPoints,
            ),
          },
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
