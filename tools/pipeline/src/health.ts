import type { Part } from './parts/parts.ts'

/** How many checks in a row a healthy part may fail before it counts as gone. */
const ALLOWED_FAILURES = 2

/** Follows the health of every part. */
export class HealthWatch {
  readonly #parts: readonly Part[]
  readonly #failures = new Map<string, number>()
  readonly #ready = new Set<string>()

  constructor(parts: readonly Part[]) {
    this.#parts = parts
  }

  /** Checks every part once. */
  async check(): Promise<void> {
    await Promise.all(
      this.#parts.map(async ({ name, healthUrl }) => {
        if (await answers(healthUrl)) {
          this.#ready.add(name)
          this.#failures.set(name, 0)
        } else {
          this.#failures.set(name, (this.#failures.get(name) ?? 0) + 1)
        }
      }),
    )
  }

  /** The parts that have not been healthy yet. */
  get starting(): readonly Part[] {
    return this.#parts.filter(({ name }) => !this.#ready.has(name))
  }

  /** The parts that were healthy and have stopped answering. */
  get gone(): readonly Part[] {
    return this.#parts.filter(({ name }) => this.#ready.has(name) && (this.#failures.get(name) ?? 0) > ALLOWED_FAILURES)
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}
