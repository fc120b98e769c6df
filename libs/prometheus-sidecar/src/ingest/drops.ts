import type { DropReason } from '../convert/drop-reason.ts'
import { decodeLabels } from '../labels.ts'
import type { PointOutcome } from '../write/lane.ts'
import type { IngestObserver } from './ingest-observer.ts'
import type { SeriesEntry } from './series-entry.ts'

/** Tells what becomes of samples: each that is dropped is counted, and of each series said once for each reason. */
export class Drops {
  readonly #observer: IngestObserver

  constructor(observer: IngestObserver) {
    this.#observer = observer
  }

  /** A sample gave no point. `entry` undefined: its series is not known. */
  drop(entry: SeriesEntry | undefined, reason: DropReason, detail = ''): void {
    this.#observer.sampleDropped(reason)
    if (entry?.warnOnce(reason) !== true) return
    this.#observer.seriesDropped({ reason, detail, labels: () => describeLabels(entry.labels) })
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

/** A series as Prometheus writes it: `name{label="value"}`. */
export function describeLabels(bytes: Uint8Array): string {
  let labels: Map<string, string>
  try {
    labels = decodeLabels(bytes)
  } catch {
    return `0x${Buffer.from(bytes).toString('hex', 0, 64)}`
  }
  const name = labels.get('__name__') ?? ''
  labels.delete('__name__')
  return `${name}{${[...labels].map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ')}}`
}
