import type { Done, Step, VirtualUserContext } from '../artillery/contract.ts'

/** Called before each step; true ends the flow without an error. */
export type ShouldStop = (context: VirtualUserContext) => boolean

/** Runs steps one after another until one fails. */
export function runSteps(
  steps: readonly Step[],
  context: VirtualUserContext,
  shouldStop: ShouldStop,
  done: Done,
): void {
  let index = 0
  runSequence(() => steps[index++], context, shouldStop, done)
}

/**
 * Runs the steps that `nextStep` returns, one after another, until it returns none or a step fails. Steps that end
 * synchronously do not deepen the stack, however many there are.
 */
export function runSequence(
  nextStep: () => Step | undefined,
  context: VirtualUserContext,
  shouldStop: ShouldStop,
  done: Done,
): void {
  let running = false
  let endedInside = false

  const advance = (): void => {
    running = true
    do {
      endedInside = false
      const step = shouldStop(context) ? undefined : nextStep()
      if (step === undefined) {
        running = false
        done(null, context)
        return
      }
      runStep(step, context, ended)
    } while (endedInside)
    running = false
  }
  const ended: Done = (error) => {
    if (error) {
      endedInside = false
      done(error, context)
    } else if (running) {
      endedInside = true
    } else {
      advance()
    }
  }
  advance()
}

/** Runs one step. What it throws is its error; only its first call of `done` counts. */
function runStep(step: Step, context: VirtualUserContext, done: Done): void {
  let ended = false
  const once: Done = (error) => {
    if (ended) return
    ended = true
    done(error)
  }
  try {
    step(context, once)
  } catch (error) {
    once(error)
  }
}
