import type { ConversionRules } from '../convert/conversion-rules.ts'
import type { StateJournal } from '../model/conversion-state.ts'
import type { UsageByMetric } from '../write/metric-usage.ts'
import type { Writer } from '../write/writer.ts'
import type { Drops } from './drops.ts'

/** Shared by the parts of ingestion. */
export interface IngestContext {
  readonly rules: ConversionRules
  readonly writer: Writer
  readonly drops: Drops
  readonly usage: UsageByMetric
  /** Stores nothing until a real journal is attached. */
  journal: StateJournal
}
