import { type AskPrometheus, queryRawSamples, targetSelector } from '../gaps/raw-sample-query.ts'
import { debug } from '../log/debug-log.ts'
import type { WatchedSeries } from '../model/audit-trail.ts'
import { decodeLabels, type Labels, METRIC_NAME, withoutLabels } from '../model/labels/labels.ts'
import { compare, type Differences } from './compare.ts'
import { rowsOf } from './watched-rows.ts'

export interface AuditorOptions {
  readonly ingester: {
    /** Follows the samples of up to `limit` series from now on. */
    watch(limit: number): readonly WatchedSeries[]
    /** Whether Prometheus may still send samples again that it could not send before. */
    readonly mayRepeat: boolean
    /** Is another one when the samples were someone else's to write meanwhile. */
    readonly term: number
  }
  readonly askPrometheus: AskPrometheus
  readonly externalLabels: () => Labels
  readonly observer: AuditObserver
  readonly nowMs?: () => number
  /** How long series are followed. Default: 5 min. */
  readonly roundMs?: number
}

/** Notified of what an audit finds; must not throw. */
export interface AuditObserver {
  /** A series was compared, in `samples` raw samples. */
  audited(result: { readonly samples: number; readonly differences: Differences; readonly labels: () => string }): void
  /** Prometheus did not say what samples a series has. */
  notAudited(): void
}

/** How many series are followed at a time. */
const WATCHED_SERIES = 200
const DEFAULT_ROUND_MS = 5 * 60_000
/** What is not settled this long after a round, and while nothing is sent again, is missing. */
const SETTLE_MS = 30_000
const MISSING_AFTER_MS = 5 * 60_000
/** As long as samples may wait in Prometheus' WAL. */
const GIVE_UP_AFTER_MS = 3 * 60 * 60_000
const TRY_AGAIN_MS = 15_000
/** Labels whose values are written in more than one form. */
const REWRITTEN = ['le', 'quantile']

interface Round {
  open: readonly WatchedSeries[]
  readonly term: number
  readonly endMs: number
  nextTryMs: number
}

/**
 * Checks the sidecar itself, off the path of the samples: follows some series for a while, then asks Prometheus for their
 * raw samples, and compares: each must have been stored once, with its value or increment, or have been counted as dropped.
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
    debug('audit: %d series are followed', open.length)
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
      // Prometheus is away: the others need not be asked for.
      const left = round.open.slice(index)
      if (isLast) this.#giveUp(left)
      else open.push(...left)
      break
    }
    round.open = open
    round.nextTryMs = this.#nowMs() + TRY_AGAIN_MS
    if (open.length === 0 || isLast) this.#round = undefined
  }

  #giveUp(all: readonly WatchedSeries[]): void {
    for (const watched of all) {
      watched.release()
      this.#options.observer.notAudited()
    }
  }

  /** `isLast`: what is not settled now never will be. */
  async #audit(watched: WatchedSeries, endMs: number, isLast: boolean): Promise<'done' | 'later' | 'unanswered'> {
    const { trail, labels } = watched
    const external = this.#options.externalLabels()
    let answer: Awaited<ReturnType<typeof queryRawSamples>>
    try {
      answer = await queryRawSamples(this.#options.askPrometheus, selectorOf(watched, external), {
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
    // Nothing at all may be settled yet.
    if (!isLast && dueMs !== undefined && !(watched.settledMs >= dueMs)) return 'later'
    this.#options.observer.audited({
      samples: due.length,
      differences: compare(due, trail.samples, comparison),
      labels: () => describe(decodeLabels(labels)),
    })
    return 'done'
  }
}

/** A selector of the series, or of all parts of a histogram, and perhaps of some others. */
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
