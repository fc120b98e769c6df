import { type QueryPrometheus, queryRawSamples, targetSelector } from '../gaps/raw-sample-query.ts'
import { debug } from '../log/debug-log.ts'
import type { WatchedSeries } from '../model/audit-trail.ts'
import { decodeLabels, type Labels, METRIC_NAME, withoutLabels } from '../model/labels/labels.ts'
import { compare, type Differences } from './compare.ts'
import { rowsOf } from './watched-rows.ts'

/** Options of {@link Auditor}. */
export interface AuditorOptions {
  readonly ingester: {
    /** Watches the samples of up to `limit` series from now on. */
    watch(limit: number): readonly WatchedSeries[]
    /** Whether Prometheus may still resend samples that it could not deliver before. */
    readonly mayRepeat: boolean
    /** Changes when another sidecar may have written samples in between. */
    readonly term: number
  }
  readonly queryPrometheus: QueryPrometheus
  readonly externalLabels: () => Labels
  /** Whether remote_write sends a series; the labels include the external ones. */
  readonly isSent: (labels: Labels) => boolean
  readonly observer: AuditObserver
  readonly nowMs?: () => number
  /** How long series are watched. Default: 5 min. */
  readonly roundMs?: number
}

/** Is notified of the results of audits; must not throw. */
export interface AuditObserver {
  /** A series was compared, in `samples` raw samples. */
  audited(result: { readonly samples: number; readonly differences: Differences; readonly labels: () => string }): void
  /** Prometheus did not return the samples of a series. */
  notAudited(): void
}

/** How many series are watched at a time. */
const WATCHED_SERIES = 200
const DEFAULT_ROUND_MS = 5 * 60_000
/** A sample that is not settled this long after the end of a round, while nothing is being resent, is missing. */
const SETTLE_MS = 30_000
const MISSING_AFTER_MS = 5 * 60_000
/** How long samples may wait in Prometheus' WAL. */
const GIVE_UP_AFTER_MS = 3 * 60 * 60_000
const RETRY_MS = 15_000
/** Labels whose values are written in more than one form. */
const REWRITTEN = ['le', 'quantile']

interface Round {
  open: readonly WatchedSeries[]
  readonly term: number
  readonly endMs: number
  nextTryMs: number
}

/**
 * Checks the sidecar itself, outside the path of the samples: watches some series for a while, then queries Prometheus
 * for their raw samples and compares them. Each must have been stored once, with its value or increment, or counted as
 * dropped.
 */
export class Auditor {
  readonly #options: AuditorOptions
  readonly #nowMs: () => number
  #round: Round | undefined
  #busy = false
  #closed = false

  constructor(options: AuditorOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? Date.now
  }

  /** Call it every few seconds. */
  async tick(): Promise<void> {
    if (this.#busy || this.#closed) return
    this.#busy = true
    try {
      const nowMs = this.#nowMs()
      if (this.#round === undefined) this.#begin(nowMs)
      else if (nowMs >= this.#round.nextTryMs) await this.#end(this.#round, nowMs)
    } finally {
      this.#busy = false
    }
  }

  close(): void {
    this.#closed = true
  }

  #begin(nowMs: number): void {
    const { term } = this.#options.ingester
    const open = this.#options.ingester.watch(WATCHED_SERIES)
    if (open.length === 0) return
    const endMs = nowMs + (this.#options.roundMs ?? DEFAULT_ROUND_MS)
    this.#round = { open, term, endMs, nextTryMs: endMs + SETTLE_MS }
    debug('audit: watching %d series', open.length)
  }

  async #end(round: Round, nowMs: number): Promise<void> {
    if (round.term !== this.#options.ingester.term) {
      for (const watched of round.open) watched.release()
      this.#round = undefined
      return
    }
    const lateMs = nowMs - round.endMs
    const isLast = lateMs > GIVE_UP_AFTER_MS || (lateMs > MISSING_AFTER_MS && !this.#options.ingester.mayRepeat)
    const open: WatchedSeries[] = []
    for (const [index, watched] of round.open.entries()) {
      if (this.#closed) return
      const outcome = await this.#audit(watched, round.endMs, isLast)
      if (outcome === 'done') watched.release()
      if (outcome === 'later') open.push(watched)
      if (outcome !== 'unanswered') continue
      // Prometheus is unavailable, so there is no point in querying the other series.
      const left = round.open.slice(index)
      if (isLast) this.#giveUp(left)
      else open.push(...left)
      break
    }
    round.open = open
    round.nextTryMs = this.#nowMs() + RETRY_MS
    if (open.length === 0 || isLast) this.#round = undefined
  }

  #giveUp(all: readonly WatchedSeries[]): void {
    for (const watched of all) {
      watched.release()
      this.#options.observer.notAudited()
    }
  }

  /** `isLast`: samples that are not settled now never will be. */
  async #audit(watched: WatchedSeries, endMs: number, isLast: boolean): Promise<'done' | 'later' | 'unanswered'> {
    const { trail, labels } = watched
    // A reload may have excluded it meanwhile.
    if (!this.#options.isSent(decodeLabels(labels))) return 'done'
    const external = this.#options.externalLabels()
    let answer: Awaited<ReturnType<typeof queryRawSamples>>
    try {
      answer = await queryRawSamples(this.#options.queryPrometheus, selectorOf(watched, external), {
        fromMs: trail.afterMs,
        toMs: endMs,
        externalLabels: external,
      })
    } catch (error) {
      debug('audit: Prometheus does not answer: %s', error)
      return 'unanswered'
    }
    const { rows, comparison } = rowsOf(watched, answer)
    const due = rows.filter(({ timestampMs }) => timestampMs > trail.afterMs && timestampMs <= endMs)
    const dueMs = due.at(-1)?.timestampMs
    // Perhaps nothing is settled yet.
    if (!isLast && dueMs !== undefined && !(watched.settledMs >= dueMs)) return 'later'
    this.#options.observer.audited({
      samples: due.length,
      differences: compare(due, trail.samples, comparison),
      labels: () => describe(decodeLabels(labels)),
    })
    return 'done'
  }
}

/** A selector that matches the series, or all parts of a histogram; it may match others too. */
function selectorOf({ labels: encoded, kind, parts }: WatchedSeries, external: Labels): string {
  const labels = new Map(withoutLabels(decodeLabels(encoded), external))
  const names = new Set([labels.get(METRIC_NAME) ?? ''])
  if (kind === 'histogram') for (const part of parts()) names.add(decodeLabels(part.labels).get(METRIC_NAME) ?? '')
  labels.delete(METRIC_NAME)
  for (const name of REWRITTEN) labels.delete(name)
  return targetSelector(labels, names)
}

function describe(labels: Labels): string {
  return JSON.stringify(Object.fromEntries(labels))
}
