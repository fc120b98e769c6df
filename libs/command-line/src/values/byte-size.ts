import { boundsText } from './bounds-text.ts'
import { type ValueOptions, type ValueType, valueType } from './value-type.ts'

const SIZE = /^(\d+)(Ki|Mi|Gi|Ti|k|M|G|T)?$/
const UNIT_BYTES: Readonly<Record<string, number>> = {
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  k: 1000,
  M: 1000 ** 2,
  G: 1000 ** 3,
  T: 1000 ** 4,
}

/**
 * Reads a size as Kubernetes writes it, such as `400Mi` or `1G`, into bytes; a number without a unit is bytes.
 * Undefined if it can't be read.
 */
export function parseByteSize(text: string): number | undefined {
  const found = SIZE.exec(text)
  if (found === null) return undefined
  const bytes = Number(found[1]) * (UNIT_BYTES[found[2] ?? ''] ?? 1)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** Writes bytes as {@link parseByteSize} reads them, with the largest binary unit that divides them: `400Mi`. */
export function formatByteSize(bytes: number): string {
  for (const unit of ['Ti', 'Gi', 'Mi', 'Ki']) {
    const unitBytes = UNIT_BYTES[unit] ?? 1
    if (bytes > 0 && bytes % unitBytes === 0) return `${bytes / unitBytes}${unit}`
  }
  return String(bytes)
}

/** A size, read into bytes. */
export function byteSize<Default extends number | undefined = undefined>(
  options: ValueOptions<Default> & { readonly min?: number; readonly max?: number } = {},
): ValueType<number | Default> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options
  const type = valueType<number, Default>(
    `a size in bytes${boundsText(options, formatByteSize)}, such as 400Mi or 1G`,
    (value) => {
      const bytes = parseByteSize(value)
      return bytes !== undefined && bytes >= min && bytes <= max ? bytes : undefined
    },
    { placeholder: 'SIZE', ...options },
  )
  const { fallback } = type
  return {
    ...type,
    defaultText: options.defaultText ?? (typeof fallback === 'number' ? formatByteSize(fallback) : undefined),
    grammar:
      'SIZE: a whole number of bytes, or one with Ki, Mi, Gi, Ti (powers of 1024) or k, M, G, T (powers of 1000), such as 400Mi.',
  }
}
