import { messageOf } from '@node-to-cloud/command-line'
import type { Log } from '../log/log.ts'
import type { StateJournal } from '../model/conversion-state.ts'

/** Commits a journal, and logs once when commits start to fail and once when they succeed again. */
export class CommitWatch {
  readonly #journal: StateJournal
  readonly #log: Pick<Log, 'info' | 'error'>
  #failure: string | undefined

  constructor(journal: StateJournal, log: Pick<Log, 'info' | 'error'>) {
    this.#journal = journal
    this.#log = log
  }

  /** Why the last commit failed; undefined if it succeeded. */
  get failure(): string | undefined {
    return this.#failure
  }

  async commit(): Promise<void> {
    try {
      await this.#journal.commit()
    } catch (error) {
      if (this.#failure === undefined) {
        this.#log.error({ err: error }, 'The state can’t be saved; samples are rejected until it can.')
      }
      this.#failure = messageOf(error)
      return
    }
    if (this.#failure !== undefined) this.#log.info({}, 'The state can be saved again.')
    this.#failure = undefined
  }
}
