import type { StateView } from '../../contract/api.ts'
import type { RunReport, TimelinePoint } from '../../contract/run-report.ts'
import { thinTimeline } from '../../contract/thin-timeline.ts'

/** More points than these are thinned to half of them: a page may be open for days. */
const maximumPoints = 7200

/** Keeps the timeline of the run that is shown: the master sends only what is new. */
export class RunTimeline {
  #runId: string | undefined
  #points: TimelinePoint[] = []

  /** Until when the points are known. */
  get sinceMs(): number {
    return this.#points.at(-1)?.atMs ?? 0
  }

  /** The run with its whole timeline. */
  complete(state: StateView): RunReport | undefined {
    const { run } = state
    if (run === undefined) return undefined
    if (run.id !== this.#runId) {
      this.#runId = run.id
      this.#points = []
    }
    const newest = this.sinceMs
    this.#points.push(...run.timeline.filter((point) => point.atMs > newest))
    if (this.#points.length > maximumPoints) this.#points = [...thinTimeline(this.#points, maximumPoints / 2)]
    return { ...run, timeline: this.#points }
  }
}
