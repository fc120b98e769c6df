import type { Done, Step, VirtualUserContext } from './artillery.ts'

/** Asked before each step; true ends the flow without an error. */
export type ShouldStop = (context: VirtualUserContext) => boolean

/** Runs steps one after the other until one fails. */
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
 * Runs the steps that `nextStep` gives, one after the other, until it gives none or a step fails. Steps that end at once
 * do not deepen the stack, however many there are.
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

/** Runs one step: what it throws is its error, and only its first ending counts. */
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
