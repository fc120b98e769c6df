import { FlowRunner, type FlowRunnerOptions } from '../flow/flow-runner.ts'
import type { Arrival } from '../load/arrivals.ts'
import { seedOf } from '../load/poisson.ts'
import type { LoadProfile } from '../load/profile.ts'
import { RowDeal } from '../load/row-deal.ts'
import { ArrivalScheduler } from '../load/scheduler.ts'
import { UserGate } from '../load/user-gate.ts'
import { UserPool } from '../load/user-pool.ts'
import { apportionUsers } from '../load/users.ts'
import { arrivalsOf, profileOf, type Setpoint, shareOf } from '../protocol/setpoint.ts'
import { sequentialRows } from '../script/payload.ts'
import type { LoadScript } from '../script/script.ts'
import type { Recorder } from './recorder.ts'

export interface LoadGeneratorOptions extends FlowRunnerOptions {
  readonly testId: string
  /** The fleet's clock, in ms. */
  readonly now: () => number
  /** Id of this worker in setpoints. */
  readonly workerId: string
  /** This worker was suspended, and makes no arrivals until {@link LoadGenerator.resume} or a new setpoint. */
  readonly onSuspended?: () => void
}

/** How often the number of users is adjusted in the closed model. */
const USER_TICK_MS = 50

/** Makes one worker's share of a load: starts virtual users when they are due. */
export class LoadGenerator {
  readonly #runner: FlowRunner
  readonly #recorder: Recorder
  readonly #options: LoadGeneratorOptions
  readonly #scheduler: ArrivalScheduler
  readonly #pool: UserPool
  readonly #gate: UserGate
  readonly #rows: RowDeal
  /** This worker's limit of concurrent virtual users at a time on the fleet's clock. */
  #maximumUsersAt: (atMs: number) => number = () => Number.POSITIVE_INFINITY
  #userTimer: NodeJS.Timeout | undefined
  #shareTimer: NodeJS.Timeout | undefined
  #isClosed = false
  #epoch = 0

  /** @throws ScriptError for an engine, a plugin or a scenario that can't be used. */
  static async create(script: LoadScript, recorder: Recorder, options: LoadGeneratorOptions): Promise<LoadGenerator> {
    const rows = new RowDeal(sequentialRows(script.document.config), seedOf(options.testId))
    return new LoadGenerator(await FlowRunner.create(script, recorder, options), recorder, options, rows)
  }

  private constructor(runner: FlowRunner, recorder: Recorder, options: LoadGeneratorOptions, rows: RowDeal) {
    this.#runner = runner
    this.#rows = rows
    this.#recorder = recorder
    this.#options = options
    this.#scheduler = new ArrivalScheduler({
      now: options.now,
      ...(options.onSuspended !== undefined && { onSuspended: options.onSuspended }),
      onArrival: (arrival, dueMs, lagMs) => this.#arrive(arrival, dueMs, lagMs),
    })
    this.#gate = new UserGate({
      now: options.now,
      onOpen: () => this.#pool.continue(),
      onSuspended: options.onSuspended,
    })
    this.#pool = new UserPool({
      mayBegin: () => this.#gate.isOpen,
      iterate: (onEnd) => {
        recorder.arrivalStarted(0)
        runner.start(0, onEnd, rows.takeForIteration())
      },
    })
  }

  /** Virtual users whose scenario is running. */
  get active(): number {
    return this.#runner.active
  }

  /** Virtual users whose scenario is running, by scenario. */
  get activeByScenario(): (readonly [string, number])[] {
    return this.#runner.activeByScenario
  }

  /** All virtual users: in the closed model, including those between two iterations. */
  get users(): number {
    return Math.max(this.#runner.active, this.#pool.users)
  }

  /** Makes this worker's share of a setpoint, in place of the previous one. An outdated setpoint is ignored. */
  follow(setpoint: Setpoint): void {
    if (setpoint.epoch <= this.#epoch) return
    this.#epoch = setpoint.epoch
    const { workerId } = this.#options
    const profile = profileOf(setpoint.segments)
    this.#maximumUsersAt = usersLimit(setpoint, profile, workerId)
    this.#isClosed = setpoint.model === 'closed'
    if (!this.#isClosed) this.#scheduler.follow(arrivalsOf(setpoint, workerId), setpoint.startMs)
    else this.#followUsers(setpoint, profile)
  }

  #followUsers(setpoint: Setpoint, profile: LoadProfile): void {
    const share = shareOf(setpoint, this.#options.workerId)
    const { weights, worker } = share
    this.#rows.shareAmong(share)
    const held = setpoint.workers.map(({ users }) => users)
    const adjust = (): void => {
      this.#gate.tick()
      const nowMs = this.#options.now()
      // Until then, the share before is in effect.
      if (nowMs < setpoint.startMs) return
      const total = Math.round(profile.levelAt((nowMs - setpoint.startMs) / 1000))
      const own = apportionUsers(total, weights, held)[worker] ?? 0
      this.#pool.setTarget(Math.min(this.#maximumUsersAt(nowMs), own))
    }
    this.#stopUserTimers()
    this.#userTimer = setInterval(adjust, USER_TICK_MS)
    // All workers at the same moment, so that users that leave one do not overlap with those that join another.
    this.#shareTimer = setTimeout(adjust, Math.max(0, setpoint.startMs - this.#options.now()))
    this.#gate.follow(setpoint.startMs)
    adjust()
  }

  /**
   * Starts nothing that is due at a moment or later until the next setpoint, or {@link unfence}.
   *
   * @returns from when on nothing starts: later than the moment if that has passed.
   */
  fence(startMs: number): number {
    return this.#turn.fence(startMs)
  }

  unfence(): void {
    this.#turn.unfence()
  }

  /** Starts nothing more until the next setpoint or {@link goOn}, because others may have this worker's share. */
  wait(): void {
    this.#turn.wait()
  }

  goOn(): void {
    this.#turn.goOn()
  }

  /** Continues after a suspension; `sentMs` is when a message left that the master has answered, on the fleet's clock. */
  resume(sentMs: number): void {
    this.#turn.resume(sentMs)
  }

  /** What starts users, by the model of the load. */
  get #turn(): UserGate | ArrivalScheduler {
    return this.#isClosed ? this.#gate : this.#scheduler
  }

  #stopUserTimers(): void {
    clearInterval(this.#userTimer)
    clearTimeout(this.#shareTimer)
  }

  /** Starts nothing more; virtual users that run go on. */
  stopArrivals(): void {
    this.#stopUserTimers()
    this.#scheduler.stop()
    this.#pool.stop()
  }

  /** Starts nothing more, and keeps running virtual users from sending further requests. */
  stop(): void {
    this.stopArrivals()
    this.#runner.stop()
  }

  #arrive(arrival: Arrival, dueMs: number, lagMs: number): void {
    if (this.#runner.active >= this.#maximumUsersAt(dueMs)) {
      this.#recorder.arrivalSkipped()
      this.#rows.skip(arrival)
      return
    }
    this.#recorder.arrivalStarted(lagMs)
    this.#runner.start(lagMs, undefined, this.#rows.take(arrival))
  }
}

/** A worker's share of the limit of concurrent virtual users, by time on the fleet's clock. */
function usersLimit(setpoint: Setpoint, profile: LoadProfile, workerId: string): (atMs: number) => number {
  const { weights, worker } = shareOf(setpoint, workerId)
  const shares = new Map<number, number>()
  return (atMs) => {
    const limit = Math.min(setpoint.maximumUsers, profile.maximumUsersAt((atMs - setpoint.startMs) / 1000))
    const share = shares.get(limit) ?? apportionUsers(limit, weights)[worker] ?? 0
    shares.set(limit, share)
    return share
  }
}
