import { messageOf } from '@node-to-cloud/command-line'
import type { StateJournal } from '../model/conversion-state.ts'

export interface CommitLog {
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Commits a journal from time to time; says once when the disk refuses, and once when it does not any more. */
export class CommitWatch {
  readonly #journal: StateJournal
  readonly #log: CommitLog
  #failure: string | undefined

  constructor(journal: StateJournal, log: CommitLog) {
    this.#journal = journal
    this.#log = log
  }

  /** Why the last commit failed, if it did. */
  get failure(): string | undefined {
    return this.#failure
  }

  async commit(): Promise<void> {
    try {
      await this.#journal.commit()
    } catch (error) {
      if (this.#failure === undefined) {
        this.#log.error({ err: error }, 'The state can’t be kept; samples are refused until it can.')
      }
      this.#failure = messageOf(error)
      return
    }
    if (this.#failure !== undefined) this.#log.info({}, 'The state is kept again.')
    this.#failure = undefined
  }
}
