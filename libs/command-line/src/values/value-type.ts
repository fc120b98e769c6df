/** How the text of an option, an argument or an environment variable is read, and what help says about it. */
export interface ValueType<T> {
  /** What is allowed, as the end of the sentence "… can't be used; it must be …". */
  readonly allowed: string
  /** The value where none is given. */
  readonly fallback: T | undefined
  /** There is no default, and a value must be given. */
  readonly required: boolean
  /** The value must never be printed. */
  readonly secret: boolean
  /** Returns `undefined`, or throws a {@link ValueError}, for an invalid string. */
  readonly parse: (text: string) => T | undefined
  /** What stands for the value in help, such as `HOST:PORT`; undefined where an option takes none. */
  readonly placeholder?: string | undefined
  /** What it is for; without it, it is left out of help. */
  readonly help?: string | undefined
  /** The default as help shows it. */
  readonly defaultText?: string | undefined
  /** One letter that stands for the option. */
  readonly short?: string | undefined
  /** The environment variable that is read where the option is not given. */
  readonly environment?: string | undefined
  /** The option may be left without a value (`--json`), and negated (`--no-json`). */
  readonly isBoolean?: boolean
  /** The option may be given more than once; this is how each of its values is read. */
  readonly element?: ValueType<unknown>
  /** The option is accepted and has no effect. */
  readonly isIgnored?: boolean
  /** The words that are allowed, where there are few. */
  readonly choices?: readonly string[]
  /** A grammar that help explains once, after the options. */
  readonly grammar?: string | undefined
  /** The default where it depends on other variables of the environment. */
  readonly fallbackFrom?: ((environment: Environment) => T | undefined) | undefined
  /** A sentence that help prints once, where at least one option has it. */
  readonly note?: string | undefined
}

/** Environment variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Value types by the name of the option, argument or variable. */
export type ValueSpec = Readonly<Record<string, ValueType<unknown>>>

/** The values of a specification, once read. */
export type ValuesOf<Spec extends ValueSpec> = {
  readonly [Name in keyof Spec]: Spec[Name] extends ValueType<infer Value> ? Value : never
}

/** Options of every value type. Without `default` a value that is not given reads as `undefined`. */
export interface ValueOptions<Default> {
  readonly default?: Default
  readonly required?: boolean
  readonly secret?: boolean
  /** What it is for, for help and README; without it, it is left out of both. */
  readonly help?: string
  /** What stands for the value in help, such as `URL`. */
  readonly placeholder?: string
  /** The default as help shows it, where it is computed or says more than the value, such as `all CPUs`. */
  readonly defaultText?: string
  /** One letter that stands for the option. */
  readonly short?: string
  /** The environment variable that is read where the option is not given. */
  readonly environment?: string
}

/** An invalid string, with a reason beyond what is allowed in general. */
export class ValueError extends Error {
  override readonly name = 'ValueError'
  readonly code = 'ERR_VALUE'
}

/** A value type of your own: `parse` returns `undefined`, or throws a {@link ValueError}, for what is not allowed. */
export function valueType<T, Default extends T | undefined = undefined>(
  allowed: string,
  parse: (text: string) => T | undefined,
  options: ValueOptions<Default> = {},
): ValueType<T | Default> {
  const { default: fallback } = options
  return {
    allowed,
    fallback,
    required: options.required ?? false,
    secret: options.secret ?? false,
    parse,
    placeholder: options.placeholder ?? 'VALUE',
    help: options.help,
    defaultText: options.defaultText ?? defaultTextOf(fallback),
    short: options.short,
    environment: options.environment,
  }
}

function defaultTextOf(fallback: unknown): string | undefined {
  return typeof fallback === 'string' || typeof fallback === 'number' ? String(fallback) : undefined
}

/** The same value type, for a value that must be given. */
export function required<T>(type: ValueType<T>): ValueType<Exclude<T, undefined>> {
  const parse = (text: string) => {
    const value = type.parse(text)
    return value as Exclude<T, undefined> | undefined
  }
  return { ...type, fallback: undefined, fallbackFrom: undefined, required: true, parse }
}

/** An option that may be given more than once. In an environment variable, the values are separated by commas. */
export function repeatable<T>(type: ValueType<T>): ValueType<readonly Exclude<T, undefined>[]> {
  type Element = Exclude<T, undefined>
  const parse = (text: string) => {
    const values: Element[] = []
    for (const part of text.split(',')) {
      const value = type.parse(part.trim())
      if (value === undefined) return undefined
      values.push(value as Element)
    }
    return values
  }
  return { ...type, fallback: [], fallbackFrom: undefined, defaultText: undefined, parse, element: type }
}

/** An option that is accepted without effect, such as one of a program that this one replaces. */
export function ignored<T>(type: ValueType<T>): ValueType<T> {
  return { ...type, isIgnored: true }
}
