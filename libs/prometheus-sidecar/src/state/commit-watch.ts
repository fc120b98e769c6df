import { messageOf } from '@node-to-cloud/command-line'
import type { Log } from '../log/log.ts'
import type { StateJournal } from '../model/conversion-state.ts'
import { StateFileError } from './state-file-error.ts'

/** Commits a journal, and logs once when commits start to fail and once when they succeed again. */
export class CommitWatch {
  readonly #journal: StateJournal
  readonly #log: Pick<Log, 'info' | 'error'>
  #failure: string | undefined
  #expectsSuccessor = false
  #hasSuccessor = false

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
      if (this.#isTakenOver(error)) this.#noteSuccessor()
      else if (this.#failure === undefined) {
        this.#log.error({ err: error }, 'The state can’t be saved; samples are rejected until it can.')
      }
      this.#failure = messageOf(error)
      return
    }
    if (this.#failure !== undefined) this.#log.info({}, 'The state can be saved again.')
    this.#failure = undefined
  }

  /** From now on, during the shutdown, another process may take over the state file. */
  expectSuccessor(): void {
    this.#expectsSuccessor = true
  }

  /** Closes the journal, which must not be used any more. */
  async close(): Promise<void> {
    try {
      await this.#journal.close()
    } catch (error) {
      if (!this.#isTakenOver(error)) throw error
      this.#noteSuccessor()
    }
  }

  #isTakenOver(error: unknown): boolean {
    return this.#expectsSuccessor && error instanceof StateFileError && error.isReplaced
  }

  #noteSuccessor(): void {
    if (this.#hasSuccessor) return
    this.#hasSuccessor = true
    this.#log.info(
      {},
      'Another process has taken over the state file, as a successor does; this sidecar shuts down and saves nothing more.',
    )
  }
}
