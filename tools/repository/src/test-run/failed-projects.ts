const HEADING = 'Failed tasks:'

/** Reads from nx's output which projects failed: the lines `- PROJECT:TARGET` below "Failed tasks:". */
export class FailedProjects {
  readonly #target: string
  readonly #names = new Set<string>()
  #isListed = false

  /** @param target - the only target that nx runs */
  constructor(target: string) {
    this.#target = target
  }

  /** @param line - a line of nx's output, without colours */
  add(line: string): void {
    const text = line.trim()
    if (text === HEADING) this.#isListed = true
    if (!this.#isListed) return
    const [, name, target] = /^- (\S+):(\S+)$/.exec(text) ?? []
    if (name !== undefined && target === this.#target) this.#names.add(name)
  }

  /** In the order in which nx lists them; empty where nx failed before it ran a task. */
  get names(): readonly string[] {
    return [...this.#names]
  }
}
