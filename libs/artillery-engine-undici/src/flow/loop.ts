import type { EngineHelpers, ProcessorFunction, Step, VirtualUserContext } from '../artillery/contract.ts'
import type { FindFunction } from '../artillery/processor.ts'
import { isRecord } from '../artillery/record.ts'
import { runSequence, runSteps, type ShouldStop } from './sequence.ts'

/** The iterations of a loop: from `from` up to but not including `to`; a `to` of -1 never ends. */
export interface LoopRange {
  from: number
  to: number
}

/** Reads a loop's `count`: a number, a string that is one, or `from-to`; anything else means no iteration. */
export function parseLoopCount(count: unknown): LoopRange {
  if (typeof count === 'number') return { from: 0, to: count }
  if (typeof count !== 'string') return { from: 0, to: 0 }
  if (!Number.isNaN(Number(count))) return { from: 0, to: Number(count) }
  if (!/\d-\d/.test(count)) return { from: 0, to: 0 }
  const [from, to] = count.split('-')
  return { from: Number(from), to: Number(to) }
}

/**
 * Compiles a loop step: `count`, `over` (a list, or the name of a variable that holds one) or `whileTrue` (a function
 * of the processor that is called after each iteration). It sets the variables `$loopCount` and `$loopElement` (or
 * those that `loopValue` and `loopElement` name).
 */
export function createLoop(
  spec: Record<string, unknown>,
  steps: readonly Step[],
  template: EngineHelpers['template'],
  find: FindFunction,
  shouldStop: ShouldStop,
): Step {
  const count = spec.count || -1
  const counterName = String(spec.loopValue || '$loopCount')
  const elementName = String(spec.loopElement || '$loopElement')
  const { over, whileTrue } = spec

  return (context, done) => {
    const { vars } = context
    const { from, to } = parseLoopCount(typeof count === 'string' ? template(count, context) : count)
    const elements = over ? elementsOf(over, context, template) : undefined
    const condition = typeof whileTrue === 'string' ? find(whileTrue) : undefined
    let index = from
    let goOn = true
    vars[elementName] = elements === undefined ? from : elements[from]
    vars[counterName] = from

    const more = (): boolean => {
      if (over && elements === undefined) return false
      if (condition !== undefined) return goOn
      if (elements !== undefined) return index < elements.length
      return index < to || to === -1
    }
    const iteration: Step = (_context, iterated) => {
      runSteps(steps, context, shouldStop, (error) => {
        if (error) return iterated(error)
        index++
        vars[counterName] = Number(vars[counterName]) + 1
        if (elements !== undefined) vars[elementName] = elements[index]
        if (condition === undefined) return iterated()
        ask(condition, context, (failure, answer) => {
          goOn = answer
          iterated(failure)
        })
      })
    }
    runSequence(() => (more() ? iteration : undefined), context, shouldStop, done)
  }
}

/** The list that a loop iterates over; undefined if the variable holds none. */
function elementsOf(
  over: unknown,
  context: VirtualUserContext,
  template: EngineHelpers['template'],
): readonly unknown[] | undefined {
  const value = typeof over === 'string' ? template(`{{ ${over} }}`, context) : over
  if (Array.isArray(value)) return value
  return isRecord(value) && typeof over !== 'string' ? Object.values(value) : undefined
}

/** Calls `whileTrue`, which passes its answer to its callback or, if it is async, returns it. */
function ask(
  condition: ProcessorFunction,
  context: VirtualUserContext,
  done: (error: unknown, answer: boolean) => void,
): void {
  const answered = (answer: unknown): void => done(null, Boolean(answer))
  const result = condition(context, answered)
  if (result instanceof Promise) result.then(answered, (error: unknown) => done(error, false))
}
