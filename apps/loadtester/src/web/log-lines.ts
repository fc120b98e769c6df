/** The last lines that the load tester logged, for its UI. */
export class LogLines {
  readonly #maximum: number
  readonly #lines: { readonly atMs: number; readonly text: string }[] = []

  constructor(maximum = 300) {
    this.#maximum = maximum
  }

  add(text: string): void {
    this.#lines.push({ atMs: Date.now(), text: text.slice(0, 1000) })
    if (this.#lines.length > this.#maximum) this.#lines.shift()
  }

  get all(): readonly { readonly atMs: number; readonly text: string }[] {
    return this.#lines
  }
}
