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
  /** Samples that are newer than this do not come again. */
  #repeatedUpToMs: number
  #uncertainFromMs = Number.NaN

  /** @param saved - the state of the last run */
  constructor(context: IngestContext, nowMs: () => number, saved: SavedState | undefined) {
    this.#context = context
    this.#nowMs = nowMs
    this.#mayRepeatUntilMs = nowMs() + REPEATS_WITHIN_MS
    this.#repeatedUpToMs = saved === undefined ? Number.NEGATIVE_INFINITY : newestSettledMs(saved)
    if (saved !== undefined) this.#uncertainFromMs = uncertainSince(saved)
  }

  /** Prometheus may send samples up to `upToMs` again, or have skipped some from `fromMs` on (NaN: none). */
  note(fromMs: number, upToMs: number): void {
    if (!this.mayRepeat) this.#repeatedUpToMs = Number.NEGATIVE_INFINITY
    this.#mayRepeatUntilMs = this.#nowMs() + REPEATS_WITHIN_MS
    this.#repeatedUpToMs = Math.max(this.#repeatedUpToMs, upToMs)
    if (Number.isNaN(fromMs) || this.#uncertainFromMs < fromMs) return
    this.#uncertainFromMs = fromMs - 1
    this.#context.journal.document(UNCERTAIN_DOCUMENT, this.#uncertainFromMs)
  }

  /** Whether samples may come that were taken in already. */
  get mayRepeat(): boolean {
    return this.#nowMs() <= this.#mayRepeatUntilMs
  }

  /** Whether a sample of this time may come that was taken in already. */
  mayRepeatAt(timestampMs: number): boolean {
    return timestampMs <= this.#repeatedUpToMs && this.mayRepeat
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

function newestSettledMs({ series }: SavedState): number {
  let newestMs = Number.NEGATIVE_INFINITY
  for (const { lastMs } of series) if (lastMs > newestMs) newestMs = lastMs
  return newestMs
}

/** Since when series that appear in this run may lack samples: what was in flight at the end of the last run is unknown. */
function uncertainSince({ series, documents }: SavedState): number {
  const saved = documents.get(UNCERTAIN_DOCUMENT)
  if (typeof saved === 'number') return saved
  const newestMs = newestSettledMs({ series, documents })
  if (Number.isFinite(newestMs)) return newestMs - IN_FLIGHT_MS
  let oldestWaitingMs = Number.POSITIVE_INFINITY
  for (const { waiting } of series)
    oldestWaitingMs = Math.min(oldestWaitingMs, waiting[0]?.timestampMs ?? Number.POSITIVE_INFINITY)
  // Nothing was ever settled: all series may lack what came first.
  return Number.isFinite(oldestWaitingMs) ? oldestWaitingMs - 1 : Number.NaN
}
