import { Auditor } from '../../../src/audit/auditor.ts'
import type { FormatName } from '../../../src/convert/conversion-rules.ts'
import { FORMATS } from '../../../src/convert/formats/formats.ts'
import { GapFiller } from '../../../src/gaps/gap-filler.ts'
import type { QueryPrometheus } from '../../../src/gaps/raw-sample-query.ts'
import { SampleIngester } from '../../../src/ingest/sample-ingester.ts'
import type { WatchedSeries } from '../../../src/model/audit-trail.ts'
import { type CreateTimeSeries, Writer } from '../../../src/write/writer.ts'
import type { FakePrometheus } from '../fake-prometheus.ts'
import { OneTarget } from '../ingester-rig.ts'
import { PLAIN_RULES } from '../plain-rules.ts'
import { type MemoryDisk, MemoryJournal } from './memory-journal.ts'

const never = new Promise<never>(() => {})

export interface SimulatedSidecarOptions {
  readonly disk: MemoryDisk
  readonly prometheus: FakePrometheus
  readonly createTimeSeries: CreateTimeSeries
  /** `wallSkewMs`: by how much the system's clock is wrong. */
  readonly clock: { readonly nowMs: number; readonly wallSkewMs: number }
  readonly observed: { unfilled: number; audited: number; differences: number; dropped: Map<string, number> }
  readonly format: FormatName
  /** Changes what an audit knows of the series that it watches. */
  readonly tamper: (watched: readonly WatchedSeries[]) => void
}

/** The real ingester, gap filler, writer and journal records, which can be killed before or after anything they do. */
export class SimulatedSidecar {
  readonly ingester: SampleIngester
  readonly #filler: GapFiller
  readonly #auditor: Auditor
  /** After how many steps it is killed. */
  diesAfter = Number.POSITIVE_INFINITY
  #dead = false
  readonly #journal: MemoryJournal

  constructor({ disk, prometheus, createTimeSeries, clock, observed, tamper, format }: SimulatedSidecarOptions) {
    const wallNowMs = () => clock.nowMs + clock.wallSkewMs
    const writer = new Writer({
      projectName: 'projects/p',
      backoff: { baseMs: 1, maxMs: 4 },
      createTimeSeries: async (request, limits) => {
        await this.#pass()
        await createTimeSeries(request, limits)
        await this.#pass()
      },
      observer: { requestEnded() {}, retrying() {} },
    })
    this.ingester = new SampleIngester({
      rules: {
        metricsPrefix: FORMATS[format].prefix,
        resourceDefaults: {
          projectId: 'p',
          kubernetesLocation: '',
          kubernetesClusterName: '',
          genericLocation: 'l',
          genericNamespace: 'n',
        },
        ...PLAIN_RULES,
        format,
      },
      targets: new OneTarget(),
      writer,
      observer: {
        batchReceived() {},
        pointStored() {},
        pointRefused() {},
        sampleDropped: (reason) => {
          if (!this.#dead) observed.dropped.set(reason, (observed.dropped.get(reason) ?? 0) + 1)
        },
        seriesDropped() {},
      },
      assembly: { learningPeriodMs: 15_000, maxWaitMs: 300_000, maxWaitingParts: 100_000 },
      wholeScrapes: false,
      maxSeries: 1_000,
      forgetAfterMs: 90_000_000,
      nowMs: () => clock.nowMs,
      wallNowMs,
      saved: disk.read(),
    })
    this.#journal = new MemoryJournal(disk, () => this.#pass())
    this.ingester.attach(this.#journal)
    const queryPrometheus: QueryPrometheus = async (path, query) => {
      await this.#pass()
      return prometheus.request(path, query)
    }
    const externalLabels = () => prometheus.externalLabels
    const { ingester } = this
    this.#auditor = new Auditor({
      ingester: {
        watch(limit) {
          const watched = ingester.watch(limit)
          tamper(watched)
          return watched
        },
        get mayRepeat() {
          return ingester.mayRepeat
        },
        term: ingester.term,
      },
      queryPrometheus,
      externalLabels,
      isSent: () => true,
      observer: {
        audited: ({ samples, differences }) => {
          observed.audited += samples
          for (const count of Object.values(differences)) observed.differences += count
        },
        notAudited() {},
      },
      nowMs: wallNowMs,
      roundMs: 60_000,
    })
    this.#filler = new GapFiller({
      ingester,
      queryPrometheus,
      readHistograms: prometheus.readHistograms,
      checkConfig: async () => {},
      externalLabels,
      isSent: () => true,
      observer: {
        filled() {},
        unfilled: ({ samples }) => {
          observed.unfilled += samples
        },
      },
      nowMs: wallNowMs,
    })
    this.ingester.closeGapsWith(this.#filler)
  }

  get isDead(): boolean {
    return this.#dead
  }

  /** What the sidecar does every few seconds. */
  tick(): void {
    this.ingester.tick()
    void this.#journal.commit()
    void this.#filler.tick()
    void this.#auditor.tick()
  }

  kill(): void {
    this.#dead = true
  }

  async #pass(): Promise<void> {
    this.diesAfter -= 1
    if (this.diesAfter < 0) this.#dead = true
    if (this.#dead) await never
  }
}
