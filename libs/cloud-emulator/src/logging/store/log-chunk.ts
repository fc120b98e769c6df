import { bytesOfEntry, type LogEntry, traceIdOf } from '../model/log-entry.ts'
import type { QueryBounds } from '../query/compile-query.ts'

/** Consecutive entries of one project, and what they have in common. */
export class LogChunk {
  #entries: LogEntry[] = []
  #minMicros = Number.POSITIVE_INFINITY
  #maxMicros = Number.NEGATIVE_INFINITY
  #maxSeverity = 0
  #byteLength = 0
  readonly #traceIds = new Set<string>()
  readonly #logNames = new Set<string>()

  get entries(): readonly LogEntry[] {
    return this.#entries
  }

  get byteLength(): number {
    return this.#byteLength
  }

  get minMicros(): number {
    return this.#minMicros
  }

  get maxMicros(): number {
    return this.#maxMicros
  }

  /** Returns the memory that the entry uses. */
  add(entry: LogEntry): number {
    const bytes = bytesOfEntry(entry)
    this.#entries.push(entry)
    this.#byteLength += bytes
    const { micros } = entry.time
    if (micros < this.#minMicros) this.#minMicros = micros
    if (micros > this.#maxMicros) this.#maxMicros = micros
    if (entry.severity > this.#maxSeverity) this.#maxSeverity = entry.severity
    if (entry.trace !== '') this.#traceIds.add(traceIdOf(entry).toLowerCase())
    this.#logNames.add(entry.logName.toLowerCase())
    return bytes
  }

  /** Whether it may contain an entry within the bounds. */
  mayHave({ fromMicros, untilMicros, minSeverity, traceId, logName }: QueryBounds): boolean {
    return (
      this.#maxMicros >= fromMicros &&
      this.#minMicros <= untilMicros &&
      this.#maxSeverity >= minSeverity &&
      (traceId === undefined || this.#traceIds.has(traceId)) &&
      (logName === undefined || this.#logNames.has(logName.toLowerCase()))
    )
  }

  /** Keeps only the entries that pass. */
  keep(passes: (entry: LogEntry) => boolean): void {
    const kept = this.#entries.filter(passes)
    this.#entries = []
    this.#byteLength = 0
    this.#minMicros = Number.POSITIVE_INFINITY
    this.#maxMicros = Number.NEGATIVE_INFINITY
    this.#maxSeverity = 0
    this.#traceIds.clear()
    this.#logNames.clear()
    for (const entry of kept) this.add(entry)
  }
}
