import type { FollowerLookup } from '../../../src/model/ingester.ts'
import type { SampleBatch } from '../../../src/model/sample.ts'
import { decodeVersion2 } from '../../../src/remote-write/version-2.ts'
import { NO_LIMITS } from '../../../src/remote-write/write-request.ts'
import { PrometheusApiError } from '../../../src/targets/prometheus-api.ts'
import type { RawSeries } from '../audit.ts'
import { FakePrometheus } from '../fake-prometheus.ts'
import { batchOf, type Sent } from '../ingester-rig.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { encodeVersion2 } from '../version-2-encoder.ts'
import type { SimulatedSidecar } from './simulated-sidecar.ts'

const SHARDS = 3

interface Shard {
  queue: Sent[]
  /** The samples of the open request. */
  sending: { readonly samples: readonly Sent[]; outcome: 'open' | 'done' | 'failed' } | undefined
}

/** A model of Prometheus: its database, and the queues of remote_write, which lose what they could not send. */
export class SimulatedPrometheus {
  readonly #version: 1 | 2
  readonly database = new FakePrometheus()
  readonly #random: SeededRandom
  readonly #raw = new Map<string, { labels: Record<string, string>; samples: [number, number][] }>()
  readonly #known = new Map<string, Sent['labels']>()
  /** Time of the newest sample or stale marker of each series. */
  readonly #newestMs = new Map<string, number>()
  #shards: Shard[] = []
  isUp = true

  /** @param version - of remote_write */
  constructor(random: SeededRandom, version: 1 | 2) {
    this.#random = random
    this.#version = version
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
    const present = new Set<string>()
    for (const sent of samples) {
      const key = JSON.stringify(sent.labels)
      present.add(key)
      this.#known.set(key, sent.labels)
      const series = this.#raw.get(key) ?? { labels: { ...sent.labels }, samples: [] }
      this.#raw.set(key, series)
      if (!this.#takes(key, sent.timestampMs)) continue
      this.database.add(sent)
      series.samples.push([sent.timestampMs, sent.value])
      this.#enqueue(key, sent)
    }
    for (const [key, labels] of this.#known) {
      if (present.has(key)) continue
      this.#known.delete(key)
      if (this.#takes(key, timestampMs)) this.#enqueue(key, { labels, timestampMs, value: Number.NaN, stale: true })
    }
  }

  /** A reload, a reshard or a failed flush: unsent samples are skipped. */
  skipQueued(): void {
    this.#shards = Array.from({ length: SHARDS }, () => ({ queue: [], sending: undefined }))
  }

  /** As by `kill -9`. It no longer knows any series, so those that are gone get no stale marker. */
  kill(): void {
    this.isUp = false
    this.#known.clear()
    this.skipQueued()
  }

  /** Connections are lost: open requests are resent. */
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
      const batch = this.#version === 1 ? batchOf(samples) : version2BatchOf(samples, sidecar.ingester)
      sidecar.ingester.ingest(batch, { deadlineMs: 25_000 }).then(
        () => end('done'),
        () => end('failed'),
      )
    }
  }

  /** Its database accepts samples in order, and remote_write sends what it accepts. */
  #takes(key: string, timestampMs: number): boolean {
    if (timestampMs <= (this.#newestMs.get(key) ?? Number.NEGATIVE_INFINITY)) return false
    this.#newestMs.set(key, timestampMs)
    return true
  }

  #enqueue(key: string, sent: Sent): void {
    let hash = 7
    for (const char of key) hash = (hash * 31 + char.charCodeAt(0)) >>> 0
    this.#shards[hash % SHARDS]?.queue.push(sent)
  }
}

/** The types of metrics by the first letter of their names, as numbers of 2.0. */
const TYPES: Readonly<Record<string, number>> = { c: 1, g: 2, h: 3 }

/** Sends samples as remote_write 2.0 does: with types, and with starts where they are reported. */
function version2BatchOf(samples: readonly Sent[], lookup: FollowerLookup): SampleBatch {
  const timeseries = samples.map(({ labels, timestampMs, value, createdMs }) => {
    const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
    const start = createdMs === undefined ? {} : { startTimestamp: createdMs }
    return {
      labels: Object.fromEntries(sorted),
      samples: [{ value, timestamp: timestampMs, ...start }],
      type: TYPES[labels.__name__?.[0] ?? ''] ?? 0,
    }
  })
  const { batch } = decodeVersion2(encodeVersion2({ timeseries }), NO_LIMITS, lookup)
  // The bits of a stale marker are lost in a JavaScript number.
  return { ...batch, spans: batch.spans.map((span, index) => ({ ...span, stale: samples[index]?.stale === true })) }
}
