import { copyFile } from 'node:fs/promises'
import type { ConversionRules } from '../../src/convert/conversion-rules.ts'
import { SampleIngester } from '../../src/ingest/sample-ingester.ts'
import type { StateJournal } from '../../src/model/conversion-state.ts'
import { type Ingester, RetryLaterError } from '../../src/model/ingester.ts'
import type { MetricType } from '../../src/model/metadata.ts'
import type { Target } from '../../src/model/target.ts'
import { openJournal } from '../../src/state/journal.ts'
import type { TargetDirectory } from '../../src/targets/target-directory.ts'
import { type CreateTimeSeries, Writer } from '../../src/write/writer.ts'
import { PLAIN_RULES } from '../testing/plain-rules.ts'
import type { SeededRandom } from '../testing/seeded-random.ts'

/** Where a sidecar may crash: just before or after an externally visible action. */
export type CrashPoint = 'before request' | 'after response' | 'before commit' | 'after commit'

export interface CrashingSidecarOptions {
  readonly stateFile: string
  readonly target: Target
  readonly types: ReadonlyMap<string, MetricType>
  readonly createTimeSeries: CreateTimeSeries
  readonly random: SeededRandom
  /** How many crash points it passes before it crashes; undefined: it never does. */
  readonly crashAfter: number | undefined
  readonly crashed: (at: CrashPoint) => void
}

const RULES: ConversionRules = {
  metricsPrefix: 'external.googleapis.com/prometheus',
  resourceDefaults: {
    projectId: 'demo-project',
    kubernetesLocation: '',
    kubernetesClusterName: '',
    genericLocation: 'here',
    genericNamespace: 'test',
  },
  ...PLAIN_RULES,
}

const never = new Promise<never>(() => {})

/**
 * The core of a sidecar (ingestion, writer, journal) in this process that can crash at an exact point, as with `kill
 * -9`: from then on none of its actions is visible, and the next one finds what is on disk.
 */
export class CrashingSidecar {
  readonly #options: CrashingSidecarOptions
  readonly #timer: NodeJS.Timeout
  readonly ingester: Ingester
  readonly writer: Writer
  readonly journal: StateJournal
  /** Resolves with the state file as it was when the sidecar crashed. */
  readonly death: Promise<string>
  #die: (stateFile: Promise<string>) => void = () => {}
  #dead = false
  #pointsPassed = 0

  private constructor(options: CrashingSidecarOptions, start: Parts) {
    this.#options = options
    this.ingester = start.ingester
    this.writer = start.writer
    this.journal = start.journal
    const { promise, resolve } = Promise.withResolvers<string>()
    this.death = promise
    this.#die = resolve
    this.#timer = setInterval(() => {
      if (!this.#dead) start.ingester.tick()
    }, 20)
  }

  static async start(options: CrashingSidecarOptions): Promise<CrashingSidecar> {
    let self: CrashingSidecar | undefined
    const pass = async (at: CrashPoint) => self?.pass(at)
    const opened = await openJournal(options.stateFile, {
      log: {
        warn: (bindings) => {
          throw new Error(`the state file is damaged: ${JSON.stringify(bindings)}`)
        },
      },
      compactAfterBytes: 2_000,
    })
    const writer = new Writer({
      projectName: 'projects/demo-project',
      backoff: { baseMs: 1, maxMs: 5 },
      createTimeSeries: async (request, limits) => {
        await pass('before request')
        await options.createTimeSeries(request, limits)
        await pass('after response')
      },
      observer: { requestEnded() {}, retrying() {} },
    })
    const ingester = new SampleIngester({
      rules: RULES,
      targets: oneTarget(options.target, options.types),
      writer,
      observer: {
        batchReceived() {},
        sampleDropped() {},
        seriesDropped: ({ reason, detail, labels }) => {
          if (reason !== 'first_sample' && reason !== 'nan')
            console.log('DROP', options.stateFile, reason, detail, labels())
        },
        pointStored() {},
        pointRefused() {},
      },
      assembly: { learningPeriodMs: 4_000, maxWaitMs: 60_000, maxWaitingParts: 10_000 },
      wholeScrapes: false,
      maxSeries: 1_000,
      forgetAfterMs: 90_000_000,
      saved: opened.saved,
    })
    const inner = await opened.start(() => ingester.states())
    const journal: StateJournal = {
      define: (...call) => self?.dead || inner.define(...call),
      baseline: (...call) => self?.dead || inner.baseline(...call),
      created: (...call) => self?.dead || inner.created(...call),
      settle: (...call) => self?.dead || inner.settle(...call),
      nativeBaseline: (...call) => self?.dead || inner.nativeBaseline(...call),
      nativeLast: (...call) => self?.dead || inner.nativeLast(...call),
      wait: (...call) => self?.dead || inner.wait(...call),
      forget: (...call) => self?.dead || inner.forget(...call),
      document: (...call) => self?.dead || inner.document(...call),
      async commit() {
        await pass('before commit')
        await inner.commit()
        await pass('after commit')
      },
      close: () => inner.close(),
    }
    ingester.attach(journal)
    self = new CrashingSidecar(options, { ingester, writer, journal })
    return self
  }

  get dead(): boolean {
    return this.#dead
  }

  /** Sends a batch as Prometheus does; returns false if it must be resent. */
  async send(batch: Parameters<Ingester['ingest']>[0]): Promise<boolean> {
    const answer = this.ingester.ingest(batch, { deadlineMs: this.#options.random.pick([1, 50, 5_000]) }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof RetryLaterError) return false
        throw error
      },
    )
    return Promise.race([answer, this.death.then(() => false)])
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.writer.close(0)
    await this.journal.close()
  }

  private async pass(at: CrashPoint): Promise<void> {
    if (this.#dead) return never
    this.#pointsPassed += 1
    if (this.#pointsPassed !== this.#options.crashAfter) return
    this.#dead = true
    clearInterval(this.#timer)
    const left = `${this.#options.stateFile}+`
    this.#die(copyFile(this.#options.stateFile, left).then(() => left))
    this.#options.crashed(at)
    return never
  }
}

interface Parts {
  readonly ingester: SampleIngester
  readonly writer: Writer
  readonly journal: StateJournal
}

function oneTarget(target: Target, types: ReadonlyMap<string, MetricType>): TargetDirectory {
  return {
    generation: 0,
    find: () => target,
    typeOf: (_target, family) => types.get(family),
    checkConfig: async () => {},
    refresh: async () => {},
  }
}
