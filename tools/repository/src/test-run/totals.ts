/** The closing lines of node:test's reporter that are added up, in the order in which they are named. */
const COUNTED = { pass: 'passed', fail: 'failed', cancelled: 'cancelled', skipped: 'skipped', todo: 'to do' } as const

type Counted = keyof typeof COUNTED

const CLOSING_LINE = /^ℹ (pass|fail|cancelled|skipped|todo) (\d+)$/

/** Adds up the closing lines of several test runs. */
export class Totals {
  readonly #counts: Record<Counted, number> = { pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 }
  #runs = 0

  /** @param line - a line of a test run's output, without colours */
  add(line: string): void {
    const [, name, count] = CLOSING_LINE.exec(line.trim()) ?? []
    if (!isCounted(name)) return
    this.#counts[name] += Number(count)
    if (name === 'pass') this.#runs++
  }

  /** How many test runs have ended. */
  get runs(): number {
    return this.#runs
  }

  /** One line, such as `1200 passed, 0 failed, 3 skipped in 16 test runs`. What is rare is named only where it is not 0. */
  toString(): string {
    const always: readonly string[] = ['pass', 'fail', 'skipped']
    const counts = Object.entries(this.#counts)
      .filter(([name, count]) => count > 0 || always.includes(name))
      .map(([name, count]) => `${count} ${isCounted(name) ? COUNTED[name] : name}`)
    return `${counts.join(', ')} in ${this.#runs} test runs`
  }
}

function isCounted(name: string | undefined): name is Counted {
  return name !== undefined && name in COUNTED
}
