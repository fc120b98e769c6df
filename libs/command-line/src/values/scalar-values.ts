import { type ValueOptions, type ValueType, valueType } from './value-type.ts'

/** A string of at most `maxLength` characters (default 1024); an empty one only where `minLength` is 0. */
export function text<Default extends string | undefined = undefined>(
  options: ValueOptions<Default> & { readonly minLength?: number; readonly maxLength?: number } = {},
): ValueType<string | Default> {
  const { minLength = 1, maxLength = 1024 } = options
  return valueType(
    `${minLength} to ${maxLength} characters long`,
    (value) => (value.length >= minLength && value.length <= maxLength ? value : undefined),
    options,
  )
}

/** A decimal number within `min` and `max`. */
export function number<Default extends number | undefined = undefined>(
  options: ValueOptions<Default> & { readonly min: number; readonly max: number },
): ValueType<number | Default> {
  const { min, max } = options
  return valueType(
    `a number from ${min} to ${max}`,
    (value) => {
      const parsed = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : Number.NaN
      return parsed >= min && parsed <= max ? parsed : undefined
    },
    { placeholder: 'N', ...options },
  )
}

/** A whole number within `min` and `max`. */
export function integer<Default extends number | undefined = undefined>(
  options: ValueOptions<Default> & { readonly min: number; readonly max: number },
): ValueType<number | Default> {
  const { min, max } = options
  return valueType(
    `a whole number from ${min} to ${max}`,
    (value) => {
      const parsed = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN
      return parsed >= min && parsed <= max ? parsed : undefined
    },
    { placeholder: 'N', ...options },
  )
}

/** A TCP port; 0 lets the system choose a free one. */
export function port<Default extends number | undefined = undefined>(
  options: ValueOptions<Default> = {},
): ValueType<number | Default> {
  return {
    ...integer({ placeholder: 'PORT', ...options, min: 0, max: 65535 }),
    allowed: 'a port from 0 to 65535 (0: any free one)',
  }
}

/** `true` or `false`; an option may be given without a value, which means `true`, and as `--no-…`. */
export function boolean<Default extends boolean | undefined = undefined>(
  options: ValueOptions<Default> = {},
): ValueType<boolean | Default> {
  const values = new Map([
    ['true', true],
    ['false', false],
  ])
  const type = valueType<boolean, Default>('true or false', (value) => values.get(value.toLowerCase()), {
    placeholder: 'true|false',
    ...options,
  })
  return { ...type, isBoolean: true, defaultText: options.defaultText ?? type.fallback?.toString() }
}

/** An option without a value, which is off by default. */
export function flag(options: Omit<ValueOptions<boolean>, 'default' | 'required'> = {}): ValueType<boolean> {
  return { ...boolean({ ...options, default: false }), defaultText: options.defaultText }
}

/** One of a few words. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
  options: ValueOptions<NoInfer<Word>> & { readonly default: NoInfer<Word> },
): ValueType<Word>
export function oneOf<const Word extends string>(
  words: readonly Word[],
  options?: ValueOptions<undefined>,
): ValueType<Word | undefined>
export function oneOf<const Word extends string>(
  words: readonly Word[],
  options: ValueOptions<Word | undefined> = {},
): ValueType<Word | undefined> {
  const placeholder = words.join('|').length <= 24 ? words.join('|') : 'NAME'
  const parse = (value: string) => words.find((word) => word === value)
  const type = valueType<Word, Word | undefined>(`one of ${words.join(', ')}`, parse, { placeholder, ...options })
  return { ...type, choices: words }
}

/** The path of a file, which need not exist. */
export function file<Default extends string | undefined = undefined>(
  options: ValueOptions<Default> = {},
): ValueType<string | Default> {
  return valueType(
    'the path of a file',
    (value) => (value !== '' && value.length <= 4096 && !value.includes('\0') ? value : undefined),
    { placeholder: 'FILE', ...options },
  )
}

/** The path of a directory, which need not exist. */
export function directory<Default extends string | undefined = undefined>(
  options: ValueOptions<Default> = {},
): ValueType<string | Default> {
  return { ...file({ placeholder: 'DIR', ...options }), allowed: 'the path of a directory' }
}

/** An absolute URL of one of `protocols`, each with its colon. */
export function url<Default extends string | undefined = undefined>(
  options: ValueOptions<Default> & { readonly protocols: readonly [string, ...string[]]; readonly example?: string },
): ValueType<string | Default> {
  const begins = options.protocols.map((protocol) => `${protocol}//`)
  const example = options.example === undefined ? '' : `, such as ${options.example}`
  return valueType(
    `a URL that begins with ${new Intl.ListFormat('en', { type: 'disjunction' }).format(begins)}${example}`,
    (value) => (URL.canParse(value) && options.protocols.includes(new URL(value).protocol) ? value : undefined),
    { placeholder: 'URL', ...options },
  )
}

/** An absolute `http:` or `https:` URL. */
export function httpUrl<Default extends string | undefined = undefined>(
  options: ValueOptions<Default> = {},
): ValueType<string | Default> {
  return url({ ...options, protocols: ['http:', 'https:'] })
}

/** `key=value` pairs with commas between them, values percent-encoded, as in OTEL_RESOURCE_ATTRIBUTES. */
export function keyValuePairs(
  options: Omit<ValueOptions<never>, 'default'> = {},
): ValueType<Readonly<Record<string, string>>> {
  return valueType<Readonly<Record<string, string>>, Readonly<Record<string, string>>>(
    'key=value pairs separated by commas, values percent-encoded',
    parsePairs,
    { placeholder: 'KEY=VALUE,…', ...options, default: {} },
  )
}

function parsePairs(value: string): Record<string, string> | undefined {
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
}
