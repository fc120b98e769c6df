import type { Fleet } from '../fleet/fleet.ts'
import type { Run } from './run.ts'

/** How long a master that takes a run over waits for the rest of its workers before it shares their load. */
const rebuildMs = 5000

/** The time in which a master takes a run over: until all of its workers are back, or those that are not count as lost. */
export class Rebuild {
  readonly #fleet: Fleet
  #untilMs: number | undefined

  constructor(fleet: Fleet) {
    this.#fleet = fleet
  }

  /** Whether workers may still come back: until then nothing of the run is decided. */
  get isOn(): boolean {
    return this.#untilMs !== undefined
  }

  begin(nowMs: number): void {
    this.#untilMs = nowMs + rebuildMs
  }

  end(): void {
    this.#untilMs = undefined
  }

  /** Whether it is time to go on: all workers are back, or the others have been waited for long enough. */
  isDue(run: Run, nowMs: number): boolean {
    return this.#untilMs !== undefined && (nowMs > this.#untilMs || this.missing(run).length === 0)
  }

  /** The workers of a run that are not there. */
  missing(run: Run): { readonly id: string; readonly name: string }[] {
    const workers = (run.setpoint?.workers ?? []).map(({ id }) => ({ id, known: this.#fleet.get(id) }))
    return workers
      .filter(({ known }) => known?.channel === undefined)
      .map(({ id, known }) => ({ id, name: known?.name ?? id }))
  }
}
