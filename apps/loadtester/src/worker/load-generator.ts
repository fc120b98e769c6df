import { FlowRunner } from '../artillery/flow-runner.ts'
import type { LoadScript } from '../artillery/script.ts'
import { ArrivalSequence, type ArrivalShare } from '../load/arrivals.ts'
import type { LoadProfile } from '../load/profile.ts'
import { ArrivalScheduler } from '../load/scheduler.ts'
import type { Recorder } from './recorder.ts'

/** A share of an open load, from a moment on. */
export interface OpenLoad {
  readonly profile: LoadProfile
  readonly share: ArrivalShare
  /** Time 0 of the profile on the fleet's clock, in ms. */
  readonly startMs: number
  /** Arrivals of the fleet that were due before. */
  readonly firstPosition: number
}

export interface LoadGeneratorOptions {
  /** Milliseconds of the fleet's clock. */
  readonly now: () => number
  /** At most so many virtual users at once; arrivals beyond are skipped and counted. */
  readonly maximumUsers: number
  /** The load's profile is over. */
  readonly onEnd?: () => void
}

/** Makes one worker's part of a load: begins virtual users when they are due. */
export class LoadGenerator {
  readonly #runner: FlowRunner
  readonly #recorder: Recorder
  readonly #options: LoadGeneratorOptions
  readonly #scheduler: ArrivalScheduler

  /** @throws ScriptError for an engine or a scenario that can't be used. */
  static async create(script: LoadScript, recorder: Recorder, options: LoadGeneratorOptions): Promise<LoadGenerator> {
    return new LoadGenerator(await FlowRunner.create(script, recorder), recorder, options)
  }

  private constructor(runner: FlowRunner, recorder: Recorder, options: LoadGeneratorOptions) {
    this.#runner = runner
    this.#recorder = recorder
    this.#options = options
    this.#scheduler = new ArrivalScheduler({
      now: options.now,
      onArrival: (_arrival, _dueMs, lagMs) => this.#begin(lagMs),
      onEnd: () => options.onEnd?.(),
    })
  }

  /** Virtual users that run now. */
  get users(): number {
    return this.#runner.active
  }

  /** Makes this load from now on, instead of the one before. */
  follow(load: OpenLoad): void {
    this.#scheduler.follow(new ArrivalSequence(load.profile, load.share, load.firstPosition), load.startMs)
  }

  /** Begins nothing more, and lets no running virtual user send another request. */
  stop(): void {
    this.#scheduler.stop()
    this.#runner.stop()
  }

  #begin(lagMs: number): void {
    if (this.#runner.active >= this.#options.maximumUsers) {
      this.#recorder.arrivalSkipped()
      return
    }
    this.#recorder.arrivalStarted(lagMs)
    this.#runner.start()
  }
}
