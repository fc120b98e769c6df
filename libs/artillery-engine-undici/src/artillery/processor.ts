import type { ProcessorFunction } from './contract.ts'
import { isRecord } from './record.ts'

/** Finds a function of the script's processor by name; undefined if there is none. */
export type FindFunction = (name: string) => ProcessorFunction | undefined

const MAX_WARNED = 1000
const warned = new Set<string>()

/**
 * The processor of a script as a lookup. Plugins may add functions until the run starts, so it is read at each call.
 */
export function processorLookup(config: Record<string, unknown>): FindFunction {
  return (name) => {
    const { processor } = config
    if (!isRecord(processor)) return undefined
    const fn = processor[name]
    return isFunction(fn) ? fn : undefined
  }
}

/**
 * Calls a processor function in either of Artillery's two ways: a plain function is passed a callback as its last
 * argument, an async function is awaited. So is a plain function that returns a promise. Never throws: errors are
 * passed to `done`, which is called once.
 */
export function callProcessor(
  fn: ProcessorFunction,
  values: readonly unknown[],
  done: (error?: unknown) => void,
): void {
  let called = false
  const once = (error?: unknown): void => {
    if (called) return
    called = true
    done(error)
  }
  const rejected = (error: unknown): void => once(error ?? new Error('A processor function rejected without a reason'))
  try {
    const takesCallback = fn.constructor.name === 'Function'
    const result = takesCallback ? fn(...values, once) : fn(...values)
    if (result instanceof Promise) result.then(() => once(), rejected)
    else if (!takesCallback) once()
  } catch (error) {
    once(error)
  }
}

/**
 * Calls the named functions one after another until one fails. A name without a function is warned about once and
 * skipped.
 */
export function callHooks(
  names: readonly string[],
  find: FindFunction,
  values: readonly unknown[],
  done: (error?: unknown) => void,
): void {
  let index = 0
  const next = (error?: unknown): void => {
    const name = names[index++]
    if (error || name === undefined) {
      done(error)
      return
    }
    const fn = find(name)
    if (fn !== undefined) {
      callProcessor(fn, values, next)
      return
    }
    warnOnce(name)
    next()
  }
  next()
}

function isFunction(value: unknown): value is ProcessorFunction {
  return typeof value === 'function'
}

function warnOnce(name: string): void {
  if (warned.has(name) || warned.size >= MAX_WARNED) return
  warned.add(name)
  console.warn(`WARNING: custom function ${name} could not be found`)
}
