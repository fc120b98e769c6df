/** How one environment variable is read: `parse` throws or returns `undefined` for a value that can't be used. */
export interface Variable<T> {
  /** What is allowed, as the end of the sentence "… is not allowed; it must be …". */
  readonly allowed: string
  /** The value of a variable that is not set, or is set to nothing. */
  readonly fallback: T | undefined
  /** The variable has no default and must be set. */
  readonly required: boolean
  /** The value must never be printed. */
  readonly secret: boolean
  readonly parse: (text: string) => T | undefined
}

/** The variables a process reads, by name. */
export type EnvironmentSpec = Readonly<Record<string, Variable<unknown>>>

/** The values that {@link readEnvironment} gives for a specification. */
export type EnvironmentOf<Spec extends EnvironmentSpec> = {
  readonly [Name in keyof Spec]: Spec[Name] extends Variable<infer Value> ? Value : never
}

/** One variable that can't be used. `value` is `undefined` where it is not set, and masked where it is a secret. */
export interface EnvironmentProblem {
  readonly name: string
  readonly value: string | undefined
  readonly allowed: string
}

/** Every bad variable of an environment, in one error. A main program exits with its `exitCode`, 2. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError'
  readonly code = 'ERR_ENVIRONMENT'
  readonly exitCode = 2
  readonly problems: readonly EnvironmentProblem[]

  constructor(problems: readonly EnvironmentProblem[]) {
    const lines = problems.map(({ name, value, allowed }) =>
      value === undefined
        ? `  ${name} is not set; it must be ${allowed}`
        : `  ${name}=${value} can't be used; it must be ${allowed}`,
    )
    super(`the environment can't be used:\n${lines.join('\n')}`)
    this.problems = problems
  }
}

const MAX_PRINTED_LENGTH = 200

/**
 * Reads the variables of `spec` from `env`. A variable that is set to nothing counts as not set, as OpenTelemetry wants it.
 *
 * @throws {EnvironmentError} naming every variable that can't be used, its value and what is allowed
 */
export function readEnvironment<Spec extends EnvironmentSpec>(
  spec: Spec,
  env: Readonly<Record<string, string | undefined>> = process.env,
): EnvironmentOf<Spec> {
  const values: Record<string, unknown> = {}
  const problems: EnvironmentProblem[] = []
  for (const [name, variable] of Object.entries(spec)) {
    const text = env[name]?.trim() ?? ''
    if (text === '') {
      if (variable.required) problems.push({ name, value: undefined, allowed: variable.allowed })
      values[name] = variable.fallback
      continue
    }
    const value = variable.parse(text)
    if (value === undefined) {
      problems.push({ name, value: printable(text, variable.secret), allowed: variable.allowed })
    }
    values[name] = value
  }
  if (problems.length > 0) throw new EnvironmentError(problems)
  return values as EnvironmentOf<Spec>
}

function printable(text: string, secret: boolean): string {
  if (secret) return '(hidden)'
  return JSON.stringify(text.length > MAX_PRINTED_LENGTH ? `${text.slice(0, MAX_PRINTED_LENGTH)}…` : text)
}

/** What every kind of variable may say of itself. Without `default` a variable that is not set reads as `undefined`. */
export interface VariableOptions<Default> {
  readonly default?: Default
  readonly required?: boolean
  readonly secret?: boolean
}

/** A variable of one's own kind: `parse` gives `undefined` for what is not allowed. */
export function variable<T, Default extends T | undefined = undefined>(
  allowed: string,
  parse: (text: string) => T | undefined,
  options: VariableOptions<Default> = {},
): Variable<T | Default> {
  return {
    allowed,
    fallback: options.default,
    required: options.required ?? false,
    secret: options.secret ?? false,
    parse,
  }
}

/** A text of at most `maxLength` characters (default 1024). */
export function text<Default extends string | undefined = undefined>(
  options: VariableOptions<Default> & { readonly maxLength?: number } = {},
): Variable<string | Default> {
  const maxLength = options.maxLength ?? 1024
  return variable(
    `a text of at most ${maxLength} characters`,
    (value) => (value.length <= maxLength ? value : undefined),
    options,
  )
}

/** A decimal number within `min` and `max`. */
export function number<Default extends number | undefined = undefined>(
  options: VariableOptions<Default> & { readonly min: number; readonly max: number },
): Variable<number | Default> {
  const { min, max } = options
  return variable(
    `a number from ${min} to ${max}`,
    (value) => {
      const parsed = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : Number.NaN
      return parsed >= min && parsed <= max ? parsed : undefined
    },
    options,
  )
}

/** A whole number within `min` and `max`. */
export function integer<Default extends number | undefined = undefined>(
  options: VariableOptions<Default> & { readonly min: number; readonly max: number },
): Variable<number | Default> {
  const { min, max } = options
  return variable(
    `a whole number from ${min} to ${max}`,
    (value) => {
      const parsed = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN
      return parsed >= min && parsed <= max ? parsed : undefined
    },
    options,
  )
}

/** A TCP port; 0 lets the system choose a free one. */
export function port<Default extends number | undefined = undefined>(
  options: VariableOptions<Default> = {},
): Variable<number | Default> {
  return {
    ...integer({ ...options, min: 0, max: 65535 }),
    allowed: 'a port from 0 to 65535 (0: any free one)',
  }
}

/** `true` or `false`. */
export function boolean<Default extends boolean | undefined = undefined>(
  options: VariableOptions<Default> = {},
): Variable<boolean | Default> {
  const values = new Map([
    ['true', true],
    ['false', false],
  ])
  return variable('true or false', (value) => values.get(value.toLowerCase()), options)
}

/** One of a few words. */
export function oneOf<const Word extends string, Default extends Word | undefined = undefined>(
  words: readonly Word[],
  options: VariableOptions<Default> = {},
): Variable<Word | Default> {
  return variable(`one of ${words.join(', ')}`, (value) => words.find((word) => word === value), options)
}

/** An absolute `http:` or `https:` URL. */
export function httpUrl<Default extends string | undefined = undefined>(
  options: VariableOptions<Default> = {},
): Variable<string | Default> {
  return variable(
    'a URL that begins with http:// or https://',
    (value) => {
      const protocol = URL.canParse(value) ? new URL(value).protocol : ''
      return protocol === 'http:' || protocol === 'https:' ? value : undefined
    },
    options,
  )
}

/** `host:port`, as gRPC clients take it; an IPv6 address stands in brackets. */
export function hostAndPort<Default extends string | undefined = undefined>(
  options: VariableOptions<Default> = {},
): Variable<string | Default> {
  return variable(
    'a host and a port, such as 127.0.0.1:8087',
    (value) => {
      const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+):(\d{1,5})$/i.exec(value)
      return match !== null && Number(match[2]) >= 1 && Number(match[2]) <= 65535 ? value : undefined
    },
    options,
  )
}

/** `key=value` pairs with commas between them, values percent-encoded, as in OTEL_RESOURCE_ATTRIBUTES. */
export function keyValuePairs(options: { readonly secret?: boolean } = {}): Variable<Readonly<Record<string, string>>> {
  return variable<Readonly<Record<string, string>>, Readonly<Record<string, string>>>(
    'key=value pairs with commas between them, values percent-encoded',
    (value) => {
      const pairs: Record<string, string> = {}
      for (const part of value.split(',')) {
        if (part.trim() === '') continue
        const at = part.indexOf('=')
        if (at <= 0) return undefined
        try {
          pairs[part.slice(0, at).trim()] = decodeURIComponent(part.slice(at + 1).trim())
        } catch {
          return undefined
        }
      }
      return pairs
    },
    { ...options, default: {} },
  )
}
