import { PrometheusApiError } from '../../../src/targets/prometheus-api.ts'
import type { RawSeries } from '../audit.ts'
import { FakePrometheus } from '../fake-prometheus.ts'
import { batchOf, type Sent } from '../ingester-rig.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { SimulatedSidecar } from './simulated-sidecar.ts'

const SHARDS = 3

interface Shard {
  queue: Sent[]
  /** The samples of the open request. */
  sending: { readonly samples: readonly Sent[]; outcome: 'open' | 'done' | 'failed' } | undefined
}

/** A model of Prometheus: its database, and the queues of remote_write, which forget what they could not send. */
export class SimulatedPrometheus {
  readonly database = new FakePrometheus()
  readonly #random: SeededRandom
  readonly #raw = new Map<string, { labels: Record<string, string>; samples: [number, number][] }>()
  readonly #known = new Map<string, Sent['labels']>()
  #shards: Shard[] = []
  isUp = true

  constructor(random: SeededRandom) {
    this.#random = random
    this.skipQueued()
    this.database.failure = () => (this.isUp ? undefined : new PrometheusApiError('it is down'))
  }

  get raw(): RawSeries[] {
    return [...this.#raw.values()]
  }

  get isIdle(): boolean {
    return this.#shards.every(({ queue, sending }) => queue.length === 0 && sending === undefined)
  }

  /** Scrapes samples into the database and the queues; series that are gone get stale markers. */
  scrape(samples: readonly Sent[], timestampMs: number): void {
    this.database.add(...samples)
    const present = new Set<string>()
    for (const sent of samples) {
      const key = JSON.stringify(sent.labels)
      present.add(key)
      this.#known.set(key, sent.labels)
      const series = this.#raw.get(key) ?? { labels: { ...sent.labels }, samples: [] }
      this.#raw.set(key, series)
      series.samples.push([sent.timestampMs, sent.value])
      this.#enqueue(key, sent)
    }
    for (const [key, labels] of this.#known) {
      if (present.has(key)) continue
      this.#known.delete(key)
      this.#enqueue(key, { labels, timestampMs, value: Number.NaN, stale: true })
    }
  }

  /** A reload, a reshard or a failed flush: what was not sent is skipped. */
  skipQueued(): void {
    this.#shards = Array.from({ length: SHARDS }, () => ({ queue: [], sending: undefined }))
  }

  /** As by `kill -9`. It knows no series any more, so those that are gone get no stale marker. */
  kill(): void {
    this.isUp = false
    this.#known.clear()
    this.skipQueued()
  }

  /** Connections are lost: open requests are sent again. */
  disconnect(): void {
    for (const { sending } of this.#shards) if (sending !== undefined) sending.outcome = 'failed'
  }

  send(sidecar: SimulatedSidecar): void {
    if (!this.isUp) return
    for (const shard of this.#shards) {
      if (shard.sending?.outcome === 'open') continue
      const again = shard.sending?.outcome === 'failed' ? shard.sending.samples : undefined
      const samples = again ?? shard.queue.splice(0, 1 + this.#random.below(20))
      shard.sending = undefined
      if (samples.length === 0) continue
      const sending: NonNullable<Shard['sending']> = { samples, outcome: 'open' }
      shard.sending = sending
      const end = (outcome: 'done' | 'failed') => {
        if (sending.outcome !== 'open' || sidecar.isDead) return
        sending.outcome = outcome
        if (outcome === 'done' && shard.sending === sending) shard.sending = undefined
      }
      sidecar.ingester.ingest(batchOf(samples), { deadlineMs: 25_000 }).then(
        () => end('done'),
        () => end('failed'),
      )
    }
  }

  #enqueue(key: string, sent: Sent): void {
    let hash = 7
    for (const char of key) hash = (hash * 31 + char.charCodeAt(0)) >>> 0
    this.#shards[hash % SHARDS]?.queue.push(sent)
  }
}
