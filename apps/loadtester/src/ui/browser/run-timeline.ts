import type { StateView } from '../../contract/api.ts'
import type { RunReport, TimelinePoint } from '../../contract/run-report.ts'
import { thinTimeline } from '../../contract/thin-timeline.ts'

/** Beyond this, points are thinned to half as many: a page may be open for days. */
const MAX_POINTS = 7200

/** Keeps the timeline of the shown run, because the master sends only new points. */
export class RunTimeline {
  #runId: string | undefined
  #points: TimelinePoint[] = []

  /** The time of the newest known point. */
  get sinceMs(): number {
    return this.#points.at(-1)?.atMs ?? 0
  }

  /** The run with its complete timeline. */
  complete(state: StateView): RunReport | undefined {
    const { run } = state
    if (run === undefined) return undefined
    if (run.id !== this.#runId) {
      this.#runId = run.id
      this.#points = []
    }
    const newest = this.sinceMs
    this.#points.push(...run.timeline.filter((point) => point.atMs > newest))
    if (this.#points.length > MAX_POINTS) this.#points = [...thinTimeline(this.#points, MAX_POINTS / 2)]
    return { ...run, timeline: this.#points }
  }
}
