import type { Installation } from './installation.ts'

/** What every step works on. */
export interface StepContext {
  /** The installation that the first step makes. */
  readonly installation: Installation
  /** Makes another installation, which is removed after the step. */
  readonly another: () => Installation
}

/** One thing to check. */
export interface Step {
  readonly name: string
  /** Part of the short form. */
  readonly short: boolean
  /** Whether it works on installations of its own, and so can run beside others. The rest run in order, and may rely on earlier ones. */
  readonly isIndependent?: boolean
  /** Checks it, and returns the figures to print; throws if it does not hold. */
  readonly run: (context: StepContext) => Promise<string>
}

/** Throws an error unless a condition holds. */
export function expect(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message)
}
