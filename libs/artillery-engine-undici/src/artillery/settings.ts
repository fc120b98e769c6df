import { messageOf } from '@node-to-cloud/command-line/message-of'
import { EngineError } from './errors.ts'

/** The range of a number in a script. */
export interface NumberRange {
  min: number
  max: number
  integer?: boolean
}

/** Reads settings one by one and collects what is wrong with them, so that one error can name every bad setting. */
export class Settings {
  readonly #problems: string[] = []

  /** A number, or a string that is one; `fallback` if it is not set. */
  number(name: string, value: unknown, fallback: number, { min, max, integer = false }: NumberRange): number {
    if (value === undefined || value === null) return fallback
    const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof parsed === 'number' && parsed >= min && parsed <= max && (!integer || Number.isInteger(parsed))) {
      return parsed
    }
    const kind = integer ? 'a whole number' : 'a number'
    this.#problems.push(`${name} is ${JSON.stringify(value)}: use ${kind} from ${min} to ${max}`)
    return fallback
  }

  /** One of the allowed values; the first of them if it is not set. */
  oneOf<T>(name: string, value: unknown, allowed: readonly [T, ...T[]]): T {
    const found = value === undefined ? allowed[0] : allowed.find((item) => item === value)
    if (found === undefined) this.#problems.push(`${name} is ${JSON.stringify(value)}: use ${allowed.join(' or ')}`)
    return found ?? allowed[0]
  }

  /** A value that `is` accepts, or undefined if it is not set. */
  optional<T>(name: string, value: unknown, is: (value: unknown) => value is T, allowed: string): T | undefined {
    if (value === undefined || is(value)) return value
    this.#problems.push(`${name} is ${JSON.stringify(value)}: use ${allowed}`)
    return undefined
  }

  /** What `read` returns; `fallback` if it throws, and its message is one of the problems. */
  attempt<T>(read: () => T, fallback: T): T {
    try {
      return read()
    } catch (error) {
      this.#problems.push(messageOf(error))
      return fallback
    }
  }

  /** @throws EngineError ERR_CONFIG that names every setting that can't be used, its value and what is allowed */
  check(): void {
    if (this.#problems.length > 0) throw new EngineError('ERR_CONFIG', this.#problems.join('\n'))
  }
}
