import { messageOf } from '@node-to-cloud/command-line'

/** Logs once that something can't be stored, and again only after it could be. */
export class DiskWarning {
  readonly #subject: string
  readonly #log: (message: string) => void
  #isShown = false

  constructor(subject: string, log: (message: string) => void) {
    this.#subject = subject
    this.#log = log
  }

  failed(error: unknown): void {
    if (this.#isShown) return
    this.#isShown = true
    this.#log(
      `${this.#subject} can't be stored: ${messageOf(error)}; set LOAD_STATE_DIR to a folder that can be written to.`,
    )
  }

  succeeded(): void {
    this.#isShown = false
  }
}
