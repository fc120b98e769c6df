import { status } from '@grpc/grpc-js'
import type { FormatName } from '../../../src/convert/conversion-rules.ts'
import type { WatchedSeries } from '../../../src/model/audit-trail.ts'
import { OrderedApi } from '../../crash/ordered-api.ts'
import { asExternal } from '../as-external.ts'
import { audit } from '../audit.ts'
import type { Sent } from '../ingester-rig.ts'
import { type SeededRandom, seededRandom } from '../seeded-random.ts'
import type { StoredPoint } from '../stored-points.ts'
import { MemoryDisk } from './memory-journal.ts'
import { SimulatedPrometheus } from './simulated-prometheus.ts'
import { SimulatedSidecar } from './simulated-sidecar.ts'

const INTERVAL_MS = 10_000
const START_MS = 1_795_348_800_000
const STEPS = 30
/** Long enough for series to count as silent. */
const HEALING_STEPS = 20
const TARGET = { job: 'j', instance: 'h:1' }
const METADATA = [
  { target: TARGET, metric: 'c', type: 'counter' },
  { target: TARGET, metric: 'g', type: 'gauge' },
  { target: TARGET, metric: 'h', type: 'histogram' },
]

export interface Outcome {
  readonly expected: number
  /** Samples that the sidecar's own audits compared. */
  readonly audited: number
  /** The differences that they found. */
  readonly differences: number
  readonly problems: readonly string[]
  /** The steps with a fault. */
  readonly faultSteps: readonly number[]
  /** What happened, by step. */
  readonly log: readonly string[]
}

/** Lets time pass, only when it is called, and everything that waits continue. */
export type PassTime = (ms: number, options: { readonly stepMs: number }) => Promise<void>

/** What a test changes, so that comparisons must find it. */
export interface Tampering {
  /** The points stored at the end. */
  readonly stored?: (stored: readonly StoredPoint[]) => readonly StoredPoint[]
  /** What the sidecar's own audit knows of the series that it watches. */
  readonly watched?: (watched: readonly WatchedSeries[]) => void
  /** Steps whose fault is omitted. */
  readonly without?: ReadonlySet<number>
}

/** How samples are sent, and how they are written. */
export interface Protocol {
  /** Of remote_write. */
  readonly version: 1 | 2
  readonly format: FormatName
  /** Whether the clocks of the sidecar and of Prometheus are set forward and back. */
  readonly setsClocks?: boolean
}

/**
 * Runs one random schedule of scrapes and faults, repairs everything, and compares the stored points with the database.
 */
export async function simulate(
  seed: number,
  passTime: PassTime,
  tampering: Tampering = {},
  { version, format, setsClocks = false }: Protocol = { version: 1, format: 'external' },
): Promise<Outcome> {
  const random = seededRandom(seed)
  const clock = { nowMs: START_MS, wallSkewMs: 0 }
  let prometheusSkewMs = 0
  const log: string[] = []
  const faultSteps: number[] = []
  const observed = { unfilled: 0, audited: 0, differences: 0, dropped: new Map<string, number>() }
  const prometheus = new SimulatedPrometheus(random, version)
  const api = new OrderedApi(random)
  const disk = new MemoryDisk()
  let apiIsDown = false
  const start = () =>
    new SimulatedSidecar({
      disk,
      prometheus: prometheus.database,
      clock,
      observed,
      format,
      tamper: tampering.watched ?? (() => {}),
      createTimeSeries: async (request, limits) => {
        if (apiIsDown) throw Object.assign(new Error('down'), { code: status.UNAVAILABLE })
        await api.createTimeSeries(request, limits)
      },
    })
  const target = new SimulatedTarget(random, START_MS - 5_000)
  let sidecar = start()
  const clockFaults: Readonly<Record<string, () => void>> = {
    'the clock of the sidecar is set': () => {
      clock.wallSkewMs = randomSkewMs(random)
    },
    'the clock of Prometheus is set': () => {
      // By whole intervals: a skipped sample would be hidden by one out of step.
      prometheusSkewMs = INTERVAL_MS * Math.round(randomSkewMs(random) / INTERVAL_MS)
    },
  }
  const faults: Readonly<Record<string, () => void>> = {
    'the API is down': () => {
      apiIsDown = true
    },
    'the API is back': () => {
      apiIsDown = false
    },
    'queues are skipped': () => prometheus.skipQueued(),
    'Prometheus is killed': () => prometheus.kill(),
    'the sidecar is killed soon': () => {
      sidecar.diesAfter = random.below(30)
    },
    'the target restarts': () => target.restart(clock.nowMs - 1 - random.below(INTERVAL_MS - 2)),
    'a series comes or goes': () => target.toggle(),
    ...(setsClocks ? clockFaults : {}),
  }
  for (let step = 0; step < STEPS + HEALING_STEPS; step++) {
    clock.nowMs += INTERVAL_MS
    const heals = step >= STEPS
    if (heals) {
      apiIsDown = false
      clock.wallSkewMs = prometheusSkewMs = 0
      sidecar.diesAfter = Number.POSITIVE_INFINITY
    } else if (random.below(3) === 0) {
      const [name, act] = random.pick(Object.entries(faults))
      if (tampering.without?.has(step) !== true) {
        faultSteps.push(step)
        log.push(`${step}: ${name}`)
        act()
      }
    }
    if (!prometheus.isUp && (heals || random.below(2) === 0)) prometheus.isUp = true
    const scrapedMs = clock.nowMs + prometheusSkewMs
    if (prometheus.isUp) prometheus.scrape(target.samples(scrapedMs), scrapedMs)
    for (let turn = 0; turn < 10; turn++) {
      if (sidecar.isDead) {
        log.push(`${step}: the sidecar is dead`)
        sidecar = start()
        prometheus.disconnect()
      }
      prometheus.send(sidecar)
      await passTime(400, { stepMs: 100 })
    }
    sidecar.tick()
    await passTime(6_000, { stepMs: 1_000 })
  }
  for (let turn = 0; turn < 300 && !prometheus.isIdle; turn++) {
    prometheus.send(sidecar)
    await passTime(400, { stepMs: 100 })
  }
  sidecar.kill()
  const { expected, missing, wrong } = audit(
    prometheus.raw,
    METADATA,
    asExternal(tampering.stored?.(api.stored) ?? api.stored),
    {
      untilMs: clock.nowMs - 5 * INTERVAL_MS,
      jobs: ['j'],
    },
  )
  const problems = [...missing.map((sample) => `missing: ${sample}`), ...wrong]
  if (observed.unfilled > 0) problems.push(`${observed.unfilled} samples counted as lost`)
  const { audited, differences } = observed
  if (differences > 0 && tampering.watched === undefined) problems.push(`the audit found ${differences} differences`)
  return { expected, audited, differences, problems, faultSteps, log }
}

/** Samples are accepted that are up to five minutes ahead, or any time behind. */
function randomSkewMs(random: SeededRandom): number {
  return (random.below(241) - 120) * 1_000
}

/** Removes one fault after another from a failing schedule, as long as it still fails. Returns the shortest one. */
export async function shrink(seed: number, passTime: PassTime, tampering: Tampering = {}): Promise<Outcome> {
  let without: ReadonlySet<number> = new Set()
  let shortest = await simulate(seed, passTime, tampering)
  // Without a fault, others may happen after it.
  for (let step = 0; step < STEPS; step++) {
    if (!shortest.faultSteps.includes(step)) continue
    const fewer = new Set([...without, step])
    const outcome = await simulate(seed, passTime, { ...tampering, without: fewer })
    if (outcome.problems.length === 0) continue
    without = fewer
    shortest = outcome
  }
  return shortest
}

/** A target with gauges, a counter with and one without `_created`, and a histogram. */
class SimulatedTarget {
  readonly #random: SeededRandom
  #createdMs: number
  #counts = [0, 0]
  #buckets = [0, 0, 0]
  #hasSecond = true

  constructor(random: SeededRandom, createdMs: number) {
    this.#random = random
    this.#createdMs = createdMs
  }

  restart(createdMs: number): void {
    this.#createdMs = createdMs
    this.#counts = [0, 0]
    this.#buckets = [0, 0, 0]
  }

  toggle(): void {
    this.#hasSecond = !this.#hasSecond
  }

  samples(timestampMs: number): Sent[] {
    this.#counts = this.#counts.map((count) => count + this.#random.below(20))
    this.#buckets = this.#buckets.map((count) => count + this.#random.below(5))
    const [a = 0, b = 0] = this.#counts
    let cumulated = 0
    const buckets = this.#buckets.map((count, index) => {
      cumulated += count
      return { name: 'h_bucket', labels: { le: ['1', '2', '+Inf'][index] ?? '' }, value: cumulated }
    })
    const all: { name: string; labels: object; value: number; createdMs?: number }[] = [
      { name: 'g', labels: { n: '1' }, value: this.#random.below(100) },
      ...(this.#hasSecond ? [{ name: 'g', labels: { n: '2' }, value: this.#random.below(100) }] : []),
      { name: 'c_total', labels: { n: 'told' }, value: a, createdMs: this.#createdMs },
      { name: 'c_created', labels: { n: 'told' }, value: this.#createdMs / 1000 },
      { name: 'c_total', labels: { n: 'untold' }, value: b },
      ...buckets,
      { name: 'h_count', labels: {}, value: cumulated },
      { name: 'h_sum', labels: {}, value: cumulated },
    ]
    return all.map(({ name, labels, value, createdMs }) => ({
      labels: { __name__: name, ...TARGET, ...labels } as Record<string, string>,
      timestampMs,
      value,
      ...(createdMs === undefined ? {} : { createdMs }),
    }))
  }
}
