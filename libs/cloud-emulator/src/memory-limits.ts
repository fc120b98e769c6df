/** The memory limits of the stores and queries of an emulator. */
export interface MemoryLimits {
  readonly maxPointBytes: number
  readonly maxSpanBytes: number
  readonly maxLogBytes: number
  readonly maxQuerySamples: number
}

const MEBIBYTE = 1024 * 1024
/** The process without data: source code, compiled code, servers, query threads, a request in progress. */
const BASE_BYTES = 160 * MEBIBYTE
/** The estimated memory of a sample in a query. */
export const SAMPLE_BYTES = 150
/** Points, spans and entries are counted without the garbage that they produce, so their shares leave room for it. */
const SHARES = { points: 0.28, spans: 0.1, logs: 0.1, queries: 0.22 }

export const MIN_MEMORY_BYTES = 192 * MEBIBYTE

export const DEFAULT_LIMITS: MemoryLimits = {
  maxPointBytes: 512 * MEBIBYTE,
  maxSpanBytes: 256 * MEBIBYTE,
  maxLogBytes: 256 * MEBIBYTE,
  maxQuerySamples: 4_000_000,
}

/**
 * Divides the memory of the whole process between points, spans, log entries and queries; without it the defaults
 * apply. An explicit limit takes precedence.
 */
export function memoryLimits(
  options: { readonly memoryBytes?: number | undefined } & {
    readonly [Name in keyof MemoryLimits]?: number | undefined
  },
): MemoryLimits {
  const { memoryBytes } = options
  const divided = memoryBytes === undefined ? DEFAULT_LIMITS : divide(memoryBytes)
  return {
    maxPointBytes: options.maxPointBytes ?? divided.maxPointBytes,
    maxSpanBytes: options.maxSpanBytes ?? divided.maxSpanBytes,
    maxLogBytes: options.maxLogBytes ?? divided.maxLogBytes,
    maxQuerySamples: options.maxQuerySamples ?? divided.maxQuerySamples,
  }
}

function divide(memoryBytes: number): MemoryLimits {
  const bytes = Math.max(0, memoryBytes - BASE_BYTES)
  return {
    maxPointBytes: Math.floor(bytes * SHARES.points),
    maxSpanBytes: Math.floor(bytes * SHARES.spans),
    maxLogBytes: Math.floor(bytes * SHARES.logs),
    maxQuerySamples: Math.floor((bytes * SHARES.queries) / SAMPLE_BYTES),
  }
}
