import type { DropReason } from '../convert/drop-reason.ts'
import { debug } from '../log/debug-log.ts'
import type { Log } from '../log/log.ts'

/** A series with a sample that was dropped for this reason for the first time. */
export interface DroppedSeries {
  readonly reason: DropReason
  readonly detail: string
  readonly labels: () => string
}

/** This many series per reason are named each minute; the others are counted. */
const NAMED_SERIES = 3
const NAMED_FOR_MS = 60_000
const SUMMARY_AFTER_MS = 5_000

interface Reported {
  sinceMs: number
  named: number
  more: number
}

/**
 * Logs which series lose samples. If many series have the same reason, a few are named, and one line says how many more
 * there are. The first sample of a counter is its baseline, which happens at every start: those are only counted.
 */
export class DropLog {
  readonly #log: Pick<Log, 'info' | 'warn'>
  readonly #nowMs: () => number
  readonly #reported = new Map<DropReason, Reported>()
  #timer: NodeJS.Timeout | undefined

  constructor(log: Pick<Log, 'info' | 'warn'>, nowMs: () => number = () => performance.now()) {
    this.#log = log
    this.#nowMs = nowMs
  }

  report({ reason, detail, labels }: DroppedSeries): void {
    if (debug.enabled) debug('%s: %s %s', reason, labels(), detail)
    const nowMs = this.#nowMs()
    let reported = this.#reported.get(reason)
    if (reported === undefined || nowMs - reported.sinceMs >= NAMED_FOR_MS) {
      reported = { sinceMs: nowMs, named: 0, more: reported?.more ?? 0 }
      this.#reported.set(reason, reported)
    }
    if (reason === 'first_sample' || reported.named >= NAMED_SERIES) {
      reported.more += 1
      this.#timer ??= setTimeout(() => this.summarize(), SUMMARY_AFTER_MS).unref()
      return
    }
    reported.named += 1
    this.#log.warn(
      { series: labels(), reason, ...(detail === '' ? {} : { detail }) },
      `A sample was dropped: ${reason}.`,
    )
  }

  /** Logs how many series there were besides those that were named. */
  summarize(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const [reason, reported] of this.#reported) {
      const { more: series } = reported
      if (series === 0) continue
      reported.more = 0
      if (reason === 'first_sample') {
        this.#log.info({ series }, 'New counters: the first sample of each is its baseline.')
      } else this.#log.warn({ series, reason }, `Samples of more series were dropped: ${reason}.`)
    }
  }
}
