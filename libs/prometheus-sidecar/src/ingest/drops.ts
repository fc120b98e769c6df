import type { Drop, DropReason } from '../convert/drop-reason.ts'
import { decodeLabels } from '../model/labels.ts'
import type { PointOutcome } from '../write/series-queue.ts'
import type { IngestObserver } from './ingest-observer.ts'
import type { SeriesEntry } from './series/series-entry.ts'

/** Tells what becomes of samples: each that is dropped is counted, and of each series said once for each reason. */
export class Drops {
  readonly #observer: IngestObserver
  readonly #toldMs = new Map<DropReason, number>()

  constructor(observer: IngestObserver) {
    this.#observer = observer
  }

  /** A sample gave no point. */
  drop(entry: SeriesEntry, reason: DropReason, detail = ''): void {
    this.#observer.sampleDropped(reason)
    if (!entry.warnOnce(reason)) return
    this.#observer.seriesDropped({ reason, detail, labels: () => describeLabels(entry.labels) })
  }

  /** Samples of a series that is not known at all. It is not remembered, so that a reason is told once in a while. */
  dropUnknown(labels: Uint8Array, { drop: reason, detail }: Drop, samples: number, nowMs: number): void {
    for (let sample = 0; sample < samples; sample++) this.#observer.sampleDropped(reason)
    if (nowMs < (this.#toldMs.get(reason) ?? Number.NEGATIVE_INFINITY) + TELL_EVERY_MS) return
    this.#toldMs.set(reason, nowMs)
    this.#observer.seriesDropped({ reason, detail, labels: () => describeLabels(labels) })
  }

  /** A point was settled. */
  count(entry: SeriesEntry, outcome: PointOutcome): void {
    switch (outcome.kind) {
      case 'stored':
      case 'already_stored':
        this.#observer.pointStored(outcome.kind)
        break
      case 'refused':
        this.#observer.pointRefused(outcome.code)
        this.drop(entry, 'refused', outcome.reason)
        break
      case 'displaced':
        this.drop(entry, 'buffer_full')
        break
      case 'passed':
    }
  }
}

const TELL_EVERY_MS = 60_000
/** Longer labels are not told whole. */
const MAX_TOLD_BYTES = 64 * 1024

/** A series as Prometheus writes it: `name{label="value"}`. */
export function describeLabels(bytes: Uint8Array): string {
  let labels: Map<string, string>
  try {
    if (bytes.length > MAX_TOLD_BYTES) throw new RangeError('the labels are too long')
    labels = decodeLabels(bytes)
  } catch {
    return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64)).toString('hex')}`
  }
  const name = labels.get('__name__') ?? ''
  labels.delete('__name__')
  return `${name}{${[...labels].map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ')}}`
}
