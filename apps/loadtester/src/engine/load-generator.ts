import { FlowRunner, type FlowRunnerOptions } from '../flow/flow-runner.ts'
import { ArrivalSequence, type ArrivalShare } from '../load/arrivals.ts'
import { seedOf } from '../load/poisson.ts'
import { LoadProfile } from '../load/profile.ts'
import { ArrivalScheduler } from '../load/scheduler.ts'
import { UserPool } from '../load/user-pool.ts'
import { apportionUsers } from '../load/users.ts'
import { fromSegmentData, type Setpoint } from '../protocol/messages.ts'
import type { LoadScript } from '../script/script.ts'
import type { Recorder } from './recorder.ts'

export interface LoadGeneratorOptions extends FlowRunnerOptions {
  /** Milliseconds of the fleet's clock. */
  readonly now: () => number
  /** Id of this worker among those of a setpoint. */
  readonly workerId: string
}

/** How often the number of users is looked at while it changes. */
const userTickMs = 50

/** Makes one worker's part of a load: begins virtual users when they are due. */
export class LoadGenerator {
  readonly #runner: FlowRunner
  readonly #recorder: Recorder
  readonly #options: LoadGeneratorOptions
  readonly #scheduler: ArrivalScheduler
  readonly #pool: UserPool
  /** How many virtual users may run here at a time of the fleet's clock. */
  #maximumUsersAt: (atMs: number) => number = () => Number.POSITIVE_INFINITY
  #userTimer: NodeJS.Timeout | undefined
  #epoch = 0

  /** @throws ScriptError for an engine, a plugin or a scenario that can't be used. */
  static async create(script: LoadScript, recorder: Recorder, options: LoadGeneratorOptions): Promise<LoadGenerator> {
    return new LoadGenerator(await FlowRunner.create(script, recorder, options), recorder, options)
  }

  private constructor(runner: FlowRunner, recorder: Recorder, options: LoadGeneratorOptions) {
    this.#runner = runner
    this.#recorder = recorder
    this.#options = options
    this.#scheduler = new ArrivalScheduler({
      now: options.now,
      onArrival: (_arrival, dueMs, lagMs) => this.#arrive(dueMs, lagMs),
    })
    this.#pool = new UserPool({
      iterate: (onEnd) => {
        recorder.arrivalStarted(0)
        runner.start(0, onEnd)
      },
    })
  }

  /** Virtual users that run now. */
  get users(): number {
    return Math.max(this.#runner.active, this.#pool.users)
  }

  /** Makes this worker's part of a setpoint from now on, instead of the one before. An older one is left out. */
  follow(setpoint: Setpoint): void {
    if (setpoint.epoch <= this.#epoch) return
    this.#epoch = setpoint.epoch
    const worker = setpoint.workers.findIndex((candidate) => candidate.id === this.#options.workerId)
    const weights = setpoint.workers.map((candidate) => candidate.weight)
    const profile = new LoadProfile(setpoint.segments.map(fromSegmentData))
    this.#maximumUsersAt = boundOf(setpoint, profile, { weights, worker })
    if (setpoint.model === 'open') {
      this.#scheduler.follow(
        new ArrivalSequence(profile, { weights, worker }, setpoint.firstPosition, seedOf(setpoint.runId)),
        setpoint.startMs,
      )
      return
    }
    const held = setpoint.workers.map((candidate) => candidate.users)
    const levelNow = (): number => {
      const seconds = (this.#options.now() - setpoint.startMs) / 1000
      const users = Math.round(profile.levelAt(seconds))
      return Math.min(this.#maximumUsersAt(this.#options.now()), apportionUsers(users, weights, held)[worker] ?? 0)
    }
    clearInterval(this.#userTimer)
    this.#userTimer = setInterval(() => this.#pool.setTarget(levelNow()), userTickMs)
    if (this.#options.now() >= setpoint.startMs) this.#pool.setTarget(levelNow())
  }

  /** Begins nothing more, and lets no running virtual user send another request. */
  stop(): void {
    clearInterval(this.#userTimer)
    this.#scheduler.stop()
    this.#pool.stop()
    this.#runner.stop()
  }

  #arrive(dueMs: number, lagMs: number): void {
    if (this.#runner.active >= this.#maximumUsersAt(dueMs)) {
      this.#recorder.arrivalSkipped()
      return
    }
    this.#recorder.arrivalStarted(lagMs)
    this.#runner.start(lagMs)
  }
}

/** A worker's part of the bound on virtual users, by the time of the fleet's clock. */
function boundOf(
  setpoint: Setpoint,
  profile: LoadProfile,
  { weights, worker }: ArrivalShare,
): (atMs: number) => number {
  if (worker < 0) return () => 0
  const parts = new Map<number, number>()
  return (atMs) => {
    const bound = Math.min(setpoint.maximumUsers, profile.maximumUsersAt((atMs - setpoint.startMs) / 1000))
    const part = parts.get(bound) ?? apportionUsers(bound, weights)[worker] ?? 0
    parts.set(bound, part)
    return part
  }
}
