import { logDefault, logGiven } from '../debug-log.ts'
import { callOf, informationOptions } from '../help/help-text.ts'
import { nearest } from '../nearest.ts'
import { nameOfCall, type Problem, printable, problemText, readText } from '../problem.ts'
import type { ProgramSpec } from '../program-spec.ts'
import type { Environment, ValueSpec, ValueType } from '../values/value-type.ts'
import type { OptionWord } from './words.ts'

/** A negative number or duration, which is a value although it begins with a dash. */
const NEGATIVE = /^-[\d.]/

/** The options of one command, as they were given. */
export class GivenOptions {
  /** Names of known options that were given. */
  readonly names = new Set<string>()
  /** Whether an option is unknown, so that a word after it may be its value. */
  hasUnknown = false
  readonly #texts = new Map<string, { readonly written: string; readonly text: string }[]>()
  readonly #own: ValueSpec
  /** With `help` and `version`. */
  readonly #spec: ValueSpec
  readonly #program: ProgramSpec
  readonly #calledAs: string

  constructor(
    words: readonly OptionWord[],
    program: ProgramSpec,
    { spec, calledAs, problems }: { readonly spec: ValueSpec; readonly calledAs: string; readonly problems: string[] },
  ) {
    this.#own = spec
    this.#spec = { ...spec, ...informationOptions(true) }
    this.#program = program
    this.#calledAs = calledAs
    for (const word of words) this.#add(word, problems)
  }

  #add(word: OptionWord, problems: string[]): void {
    const negated = word.name.startsWith('no-') ? word.name.slice(3) : ''
    const name =
      typeIn(this.#spec, word.name) === undefined && typeIn(this.#spec, negated)?.isBoolean ? negated : word.name
    const type = typeIn(this.#spec, name)
    if (type === undefined) {
      this.hasUnknown ||= !word.isInline
      problems.push(this.#unknown(word))
      return
    }
    this.names.add(name)
    const text = type.isBoolean ? (word.value ?? String(name === word.name)) : word.value
    const isOption = !word.isInline && text !== undefined && /^-./.test(text) && !NEGATIVE.test(text)
    if (text === undefined || isOption) {
      const example = type.placeholder ?? 'VALUE'
      problems.push(
        isOption
          ? `${word.written} needs a value, but ${printable(text)} follows; a value with a dash is written ${word.written}=${example}`
          : `${word.written} needs a value: ${word.written} ${example}`,
      )
      return
    }
    const texts = this.#texts.get(name) ?? []
    texts.push({ written: word.name === name ? word.written : `--${name}`, text })
    this.#texts.set(name, texts)
  }

  #unknown({ name, written }: OptionWord): string {
    const known = Object.keys(this.#spec).filter((option) => this.#spec[option]?.help !== undefined)
    const owner = Object.entries(this.#program.commands ?? {}).find(([, { options = {} }]) => typeIn(options, name))
    if (owner !== undefined)
      return `${written} is not an option of ${nameOfCall(this.#calledAs)}, but of ${nameOfCall(callOf(this.#program, owner[0]))}`
    const meant = written.startsWith('--') ? nearest(name, known) : undefined
    const shown = written.length > 100 ? `${written.slice(0, 100)}…` : written
    return `${shown} is not an option of ${nameOfCall(this.#calledAs)}${meant === undefined ? '' : `; did you mean --${meant}?`}`
  }

  /** Reads every option of the command: as given, else from its environment variable, else its default. */
  read(environment: Environment, problems: string[], environmentProblems: Problem[]): Record<string, unknown> {
    const values: Record<string, unknown> = {}
    for (const [name, type] of Object.entries(this.#own)) {
      const given = this.#texts.get(name)
      const variable = type.environment === undefined ? '' : (environment[type.environment]?.trim() ?? '')
      if (given !== undefined) values[name] = this.#readGiven(type, given, problems)
      else if (type.environment !== undefined && variable !== '') {
        const at = { name: type.environment, shownValue: printable(variable, type.secret), joint: '=' } as const
        logGiven(`--${name}`, at.shownValue, type.environment)
        const { value, problem } = readText(type, variable, at)
        if (problem) environmentProblems.push(problem)
        values[name] = value
      } else {
        if (type.required && !this.names.has(name)) {
          const orVariable = type.environment === undefined ? '' : ` (or ${type.environment})`
          problems.push(
            `${nameOfCall(this.#calledAs)} needs --${name} ${type.placeholder}${orVariable}; it must be ${type.allowed}`,
          )
        }
        values[name] = type.fallbackFrom?.(environment) ?? type.fallback
        logDefault(`--${name}`, values[name], type)
      }
    }
    return values
  }

  #readGiven(
    type: ValueType<unknown>,
    given: readonly { readonly written: string; readonly text: string }[],
    problems: string[],
  ): unknown {
    const values = (type.element === undefined ? given.slice(-1) : given).map(({ written, text }) => {
      const at = { name: written, shownValue: printable(text, type.secret), joint: ' ' } as const
      logGiven(written, at.shownValue, 'the command line')
      const { value, problem } = readText(type.element ?? type, text, at)
      if (problem) problems.push(problemText(problem))
      return value
    })
    return type.element === undefined ? values[0] : values
  }
}

function typeIn(spec: ValueSpec, name: string): ValueType<unknown> | undefined {
  return Object.hasOwn(spec, name) ? spec[name] : undefined
}
