import { messageOf } from '@node-to-cloud/command-line'
import type { Installation } from '../installation.ts'
import type { Step } from '../step.ts'

export interface RunReport {
  readonly passed: number
  readonly failed: number
}

export interface RunOptions {
  /** The installation that the first step makes. */
  readonly installation: Installation
  /** Makes an installation for a step. */
  readonly create: () => Installation
  /** Removes an installation after its step. */
  readonly remove: (installation: Installation) => Promise<void>
  readonly print: (line: string) => void
  /** How many steps run at once, at most one of which is not independent. Default: 1. */
  readonly atOnce?: number
  /** Aborted when no further step may start. */
  readonly signal?: AbortSignal
}

/**
 * Runs steps, and prints a line for each. The first one runs alone. A failed step does not stop the next.
 */
export async function runSteps(steps: readonly Step[], options: RunOptions): Promise<RunReport> {
  const { atOnce = 1, signal } = options
  const [first, ...waiting] = steps
  let passed = 0
  let failed = 0
  let isSharedInUse = false
  const runOne = async (step: Step): Promise<void> => {
    if (await passes(step, options)) passed += 1
    else failed += 1
  }
  const next = (): Step | undefined => {
    if (signal?.aborted) return undefined
    const index = waiting.findIndex(({ isIndependent = false }) => isIndependent || !isSharedInUse)
    return index < 0 ? undefined : waiting.splice(index, 1)[0]
  }
  // A lane that finds nothing to start ends: what is left are steps that the lane with the shared installation will take.
  const lane = async (): Promise<void> => {
    for (let step = next(); step !== undefined; step = next()) {
      const { isIndependent = false } = step
      if (!isIndependent) isSharedInUse = true
      await runOne(step)
      if (!isIndependent) isSharedInUse = false
    }
  }
  if (first !== undefined) await runOne(first)
  await Promise.all(Array.from({ length: atOnce }, lane))
  return { passed, failed }
}

async function passes({ name, run }: Step, { installation, create, remove, print }: RunOptions): Promise<boolean> {
  const startedMs = Date.now()
  const seconds = (): string => `${((Date.now() - startedMs) / 1000).toFixed(0)} s`.padStart(6)
  const own: Installation[] = []
  const another = (): Installation => {
    const made = create()
    own.push(made)
    return made
  }
  let isPassed = true
  const report = (word: string, text: string): void => print(`${word} ${seconds()}  ${name}: ${text}`)
  const failed = (error: unknown): void => {
    isPassed = false
    report('FAILED', messageOf(error))
  }
  await run({ installation, another }).then((figures) => report('ok    ', figures), failed)
  for (const made of own) await remove(made).catch(failed)
  return isPassed
}
