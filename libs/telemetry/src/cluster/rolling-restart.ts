import type { Logger } from '../logs/logger.ts'
import type { Member } from './member.ts'

/** Options of {@link RollingRestart}. */
export interface RollingRestartOptions {
  readonly logger: Pick<Logger, 'info' | 'error'>
  /** The workers that are not draining. */
  readonly members: () => readonly Member[]
  readonly isRunning: (member: Member) => boolean
  /** Replaces a worker; resolves with whether its replacement became ready. */
  readonly replace: (member: Member) => Promise<boolean>
  /** Whether all workers are being stopped, which ends a restart. */
  readonly isStopping: () => boolean
  readonly readyCount: () => number
}

/** Replaces every worker, one after the other. */
export class RollingRestart {
  readonly #options: RollingRestartOptions
  #running: Promise<void> | undefined
  #again = false

  constructor(options: RollingRestartOptions) {
    this.#options = options
  }

  /** Starts a restart; a call during one triggers another one afterwards. Resolves when all are done. */
  run(): Promise<void> {
    if (this.#running !== undefined) {
      this.#again = true
      return this.#running
    }
    this.#running = this.#restartAll().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #restartAll(): Promise<void> {
    const { logger, members, isRunning, replace, isStopping, readyCount } = this.#options
    do {
      this.#again = false
      const old = members()
      logger.info({ workers: old.length }, 'Rolling restart: replacing the workers one by one.')
      for (const member of old) {
        if (isStopping()) return
        if (!isRunning(member)) continue
        if (!(await replace(member))) {
          if (!isStopping())
            logger.error({}, 'Rolling restart: a new worker could not start; the old ones keep running.')
          return
        }
      }
      if (!isStopping()) logger.info({ workers: readyCount() }, 'Rolling restart: done.')
    } while (this.#again)
  }
}
