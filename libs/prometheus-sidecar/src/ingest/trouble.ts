import type { SavedState } from '../model/conversion-state.ts'
import type { IngestContext } from './ingest-context.ts'

/** The document in the state that holds when trouble began. */
const UNCERTAIN_DOCUMENT = 'uncertain-from'
/** How far behind the newest settled sample those in flight may be while all is well. */
const IN_FLIGHT_MS = 60_000
/** How long after a failed request its samples may come again. */
const REPEATS_WITHIN_MS = 10 * 60_000

/** Knows until when Prometheus may send samples again, and since when it may have skipped some of new series. */
export class Trouble {
  readonly #context: IngestContext
  readonly #nowMs: () => number
  #mayRepeatUntilMs: number
  #uncertainFromMs = Number.NaN

  /** @param saved - the state of the last run */
  constructor(context: IngestContext, nowMs: () => number, saved: SavedState | undefined) {
    this.#context = context
    this.#nowMs = nowMs
    this.#mayRepeatUntilMs = nowMs() + REPEATS_WITHIN_MS
    if (saved !== undefined) this.#uncertainFromMs = uncertainSince(saved)
  }

  /** Prometheus may send samples again, or have skipped some from `fromMs` on (NaN: none). */
  note(fromMs: number): void {
    this.#mayRepeatUntilMs = this.#nowMs() + REPEATS_WITHIN_MS
    if (Number.isNaN(fromMs) || this.#uncertainFromMs < fromMs) return
    this.#uncertainFromMs = fromMs - 1
    this.#context.journal.document(UNCERTAIN_DOCUMENT, this.#uncertainFromMs)
  }

  /** Whether samples may come that were taken in already. */
  get mayRepeat(): boolean {
    return this.#nowMs() <= this.#mayRepeatUntilMs
  }

  /** Series that appear now may lack samples since this time; NaN if they don't. */
  get uncertainFromMs(): number {
    if (!this.mayRepeat && !Number.isNaN(this.#uncertainFromMs)) {
      this.#uncertainFromMs = Number.NaN
      this.#context.journal.document(UNCERTAIN_DOCUMENT, undefined)
    }
    return this.#uncertainFromMs
  }
}

/** Since when series that appear in this run may lack samples: what was in flight at the end of the last run is unknown. */
function uncertainSince({ series, documents }: SavedState): number {
  const saved = documents.get(UNCERTAIN_DOCUMENT)
  if (typeof saved === 'number') return saved
  let newestMs = Number.NaN
  let oldestWaitingMs = Number.POSITIVE_INFINITY
  for (const { lastMs, waiting } of series) {
    if (!(lastMs <= newestMs) && !Number.isNaN(lastMs)) newestMs = lastMs
    oldestWaitingMs = Math.min(oldestWaitingMs, waiting[0]?.timestampMs ?? Number.POSITIVE_INFINITY)
  }
  if (!Number.isNaN(newestMs)) return newestMs - IN_FLIGHT_MS
  // Nothing was ever settled: all series may lack what came first.
  return Number.isFinite(oldestWaitingMs) ? oldestWaitingMs - 1 : Number.NaN
}
