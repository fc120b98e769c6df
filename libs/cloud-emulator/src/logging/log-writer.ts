import type { NewRefusal, RefusalLog } from '../refusals/refusal-log.ts'
import type { LogEntry } from './model/log-entry.ts'
import type { LogStore } from './store/log-store.ts'

/** Notified of each write: the stored entries, and the rejected entries by reason. */
export interface LogWriteObserver {
  written(projectId: string, entries: number): void
  refused(projectId: string, reason: string, entries: number): void
}

/** Writes entries to the store, and rejected ones to the refusal log. */
export class LogWriter {
  readonly #store: LogStore
  readonly #refusals: RefusalLog
  readonly #observer: LogWriteObserver
  readonly #nowMicros: () => number

  constructor(options: {
    store: LogStore
    refusals: RefusalLog
    observer: LogWriteObserver
    nowMicros: () => number
  }) {
    this.#store = options.store
    this.#refusals = options.refusals
    this.#observer = options.observer
    this.#nowMicros = options.nowMicros
  }

  /** Entries older than the retention are not stored, which is not an error of the call. */
  write(projectId: string, entries: readonly LogEntry[]): void {
    const oldestMicros = this.#nowMicros() - this.#store.retentionMicros
    const recent = entries.filter(({ time }) => time.micros > oldestMicros)
    this.#store.add(projectId, recent)
    if (recent.length > 0) this.#observer.written(projectId, recent.length)
    const [first] = entries.filter(({ time }) => time.micros <= oldestMicros)
    if (first)
      this.refuse({
        project: projectId,
        reason: 'age',
        status: 'OUT_OF_RANGE',
        message: 'The entry is older than the retention, so it will not be listed. The call succeeded.',
        points: entries.length - recent.length,
        subject: `entry of ${first.logName}`,
      })
  }

  refuse(refusal: NewRefusal): void {
    this.#refusals.add(refusal, this.#nowMicros() / 1000)
    this.#observer.refused(refusal.project, refusal.reason, refusal.points)
  }
}
