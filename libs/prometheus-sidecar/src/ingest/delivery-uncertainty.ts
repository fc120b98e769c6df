import type { SavedState } from '../model/conversion-state.ts'
import type { IngestContext } from './ingest-context.ts'

/** The document in the state that holds {@link DeliveryUncertainty.uncertainFromMs}. */
const UNCERTAIN_DOCUMENT = 'uncertain-from'
/** How far those in flight may be behind the newest settled sample while delivery works. */
const IN_FLIGHT_MS = 60_000
/** How long after a failed request its samples may be resent. */
const RESENT_WITHIN_MS = 10 * 60_000

/** Tracks until when Prometheus may resend samples, and since when it may have skipped some of new series. */
export class DeliveryUncertainty {
  readonly #context: Pick<IngestContext, 'journal'>
  readonly #nowMs: () => number
  #mayRepeatUntilMs: number
  /** Samples newer than this are not resent. */
  #repeatedUpToMs: number
  #uncertainFromMs = Number.NaN

  /** @param saved - the state of the last run */
  constructor(context: Pick<IngestContext, 'journal'>, nowMs: () => number, saved: SavedState | undefined) {
    this.#context = context
    this.#nowMs = nowMs
    this.#mayRepeatUntilMs = nowMs() + RESENT_WITHIN_MS
    this.#repeatedUpToMs = saved === undefined ? Number.NEGATIVE_INFINITY : newestSettledMs(saved)
    if (saved !== undefined) this.#uncertainFromMs = uncertainSince(saved)
  }

  /** Prometheus may resend samples up to `upToMs`, or may have skipped some from `fromMs` on (NaN: none). */
  note(fromMs: number, upToMs: number): void {
    if (!this.mayRepeat) this.#repeatedUpToMs = Number.NEGATIVE_INFINITY
    this.#mayRepeatUntilMs = this.#nowMs() + RESENT_WITHIN_MS
    this.#repeatedUpToMs = Math.max(this.#repeatedUpToMs, upToMs)
    if (Number.isNaN(fromMs) || this.#uncertainFromMs < fromMs) return
    this.#setUncertainFrom(fromMs - 1)
  }

  /** Samples up to this time are another sidecar's. */
  startFrom(fromMs: number): void {
    if (this.#uncertainFromMs < fromMs) this.#setUncertainFrom(fromMs)
  }

  /** Whether samples may arrive that were already accepted. */
  get mayRepeat(): boolean {
    return this.#nowMs() <= this.#mayRepeatUntilMs
  }

  /** Whether a sample of this time may arrive although it was already accepted. */
  mayRepeatAt(timestampMs: number): boolean {
    return timestampMs <= this.#repeatedUpToMs && this.mayRepeat
  }

  /** Series that appear now may be missing samples since this time; NaN if not. */
  get uncertainFromMs(): number {
    if (!this.mayRepeat && !Number.isNaN(this.#uncertainFromMs)) this.#setUncertainFrom(Number.NaN)
    return this.#uncertainFromMs
  }

  #setUncertainFrom(fromMs: number): void {
    this.#uncertainFromMs = fromMs
    this.#context.journal.document(UNCERTAIN_DOCUMENT, Number.isNaN(fromMs) ? undefined : fromMs)
  }
}

function newestSettledMs({ series }: SavedState): number {
  let newestMs = Number.NEGATIVE_INFINITY
  for (const { lastMs } of series) if (lastMs > newestMs) newestMs = lastMs
  return newestMs
}

/**
 * Since when series that appear in this run may be missing samples: the fate of those in flight at the end of the last
 * run is unknown.
 */
function uncertainSince({ series, documents }: SavedState): number {
  const saved = documents.get(UNCERTAIN_DOCUMENT)
  if (typeof saved === 'number') return saved
  const newestMs = newestSettledMs({ series, documents })
  if (Number.isFinite(newestMs)) return newestMs - IN_FLIGHT_MS
  let oldestWaitingMs = Number.POSITIVE_INFINITY
  for (const { waiting } of series)
    oldestWaitingMs = Math.min(oldestWaitingMs, waiting[0]?.timestampMs ?? Number.POSITIVE_INFINITY)
  // Nothing was ever settled: all series may be missing their first samples.
  return Number.isFinite(oldestWaitingMs) ? oldestWaitingMs - 1 : Number.NaN
}
