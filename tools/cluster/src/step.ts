import type { Installation } from './installation.ts'

/** What every step works on. */
export interface StepContext {
  readonly installation: Installation
  /** Makes another installation, which is removed after the run. */
  readonly another: () => Installation
}

/** One thing to check. Steps run in order, and a later one may rely on an earlier one. */
export interface Step {
  readonly name: string
  /** Part of the short form. */
  readonly short: boolean
  /** Checks it, and returns the figures to print; throws if it does not hold. */
  readonly run: (context: StepContext) => Promise<string>
}

/** Throws an error unless a condition holds. */
export function expect(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

export interface RunReport {
  readonly passed: number
  readonly failed: number
}

/** Runs steps one after another, and prints a line for each. A failed step does not stop the next. */
export async function runSteps(
  steps: readonly Step[],
  context: StepContext,
  print: (line: string) => void,
): Promise<RunReport> {
  let failed = 0
  for (const { name, run } of steps) {
    const startedMs = Date.now()
    const seconds = (): string => `${((Date.now() - startedMs) / 1000).toFixed(0)} s`.padStart(6)
    try {
      const figures = await run(context)
      print(`ok     ${seconds()}  ${name}: ${figures}`)
    } catch (error) {
      failed += 1
      print(`FAILED ${seconds()}  ${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { passed: steps.length - failed, failed }
}
