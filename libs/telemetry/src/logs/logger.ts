import { isSpanContextValid, type SpanContext, TraceFlags, trace } from '@opentelemetry/api'
import { type Logger, pino } from 'pino'
import { BufferedOutput } from './buffered-output.ts'
import type { LineDestination } from './request-line.ts'

export type { Logger } from 'pino'

/** Options of {@link createLogger}. */
export interface LoggerOptions {
  /** The lowest level that is written; default `info`. */
  readonly level?: string
  /** Readable lines instead of JSON; default: if standard output is a terminal. */
  readonly pretty?: boolean
  /** Where lines go; default standard output, written in blocks. */
  readonly destination?: LineDestination
  /** Whether lines go to standard output; default true. */
  readonly console?: boolean
  /** Additional destinations. */
  readonly exporter?: LineDestination | undefined
}

/** The logger of a process, and its output. */
export interface ProcessLogger {
  readonly logger: Logger
  /** Writes the lines that are still in memory. */
  flush(): Promise<void>
  /** The number of lines that were dropped because standard output was not read, or its disk was full. */
  readonly droppedLines: number
}

/** Cloud Logging's severities by pino's levels. */
const SEVERITIES: Readonly<Record<string, string>> = {
  trace: 'DEBUG',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'CRITICAL',
}

const BLOCK_LENGTH = 64 * 1024
const NO_FIELDS: object = {}

/**
 * Creates the logger of a process: JSON lines as Cloud Logging's agent expects them (`severity`, `time`, `message`, and
 * inside a span `logging.googleapis.com/trace`, `spanId`, `trace_sampled`), or readable lines on a terminal.
 *
 * Lines are written in blocks of 64 KiB, or after 100 ms; the rest is written when the process exits.
 */
export async function createLogger(options: LoggerOptions = {}): Promise<ProcessLogger> {
  const level = options.level ?? 'info'
  const { destination, exporter } = options
  const isConsole = destination === undefined && (options.console ?? true)
  if (isConsole && exporter === undefined && (options.pretty ?? process.stdout.isTTY)) return createPrettyLogger(level)
  const output = isConsole ? new BufferedOutput(1, { blockLength: BLOCK_LENGTH }) : undefined
  const logger = pino(
    {
      level,
      messageKey: 'message',
      base: { pid: process.pid },
      timestamp: isoTime,
      formatters: { level: (label) => ({ severity: SEVERITIES[label] ?? 'DEFAULT' }) },
      mixin: activeTraceFields,
      mixinMergeStrategy: (line, fields) => (fields === NO_FIELDS ? line : Object.assign(fields, line)),
    },
    combine([destination ?? output, exporter]),
  )
  return {
    logger,
    flush: () => output?.flush() ?? Promise.resolve(),
    get droppedLines() {
      return output?.droppedLines ?? 0
    },
  }
}

function combine(destinations: readonly (LineDestination | undefined)[]): LineDestination {
  const [first, second] = destinations.filter((destination) => destination !== undefined)
  if (first !== undefined && second === undefined) return first
  return {
    write(line) {
      first?.write(line)
      second?.write(line)
    },
  }
}

// The trace field accepts the bare id.
const TRACE = 'logging.googleapis.com/trace'
const SPAN_ID = 'logging.googleapis.com/spanId'
const TRACE_SAMPLED = 'logging.googleapis.com/trace_sampled'

/** The names of Cloud Logging's fields that link a line to a span. */
export const TRACE_FIELDS = { trace: TRACE, spanId: SPAN_ID, sampled: TRACE_SAMPLED } as const

/** Cloud Logging's fields that link a line to a span. */
export interface TraceFields {
  readonly [TRACE]: string
  readonly [SPAN_ID]: string
  readonly [TRACE_SAMPLED]: boolean
}

/** The fields for a span's context. */
export function traceFields({ traceId, spanId, traceFlags }: SpanContext): TraceFields {
  return { [TRACE]: traceId, [SPAN_ID]: spanId, [TRACE_SAMPLED]: (traceFlags & TraceFlags.SAMPLED) !== 0 }
}

/** The same fields as members of a JSON object. */
export function traceFieldsJson({ traceId, spanId, traceFlags }: SpanContext): string {
  return `"${TRACE}":"${traceId}","${SPAN_ID}":"${spanId}","${TRACE_SAMPLED}":${(traceFlags & TraceFlags.SAMPLED) !== 0}`
}

function activeTraceFields(bindings: object): object {
  if (TRACE in bindings) return NO_FIELDS
  const context = trace.getActiveSpan()?.spanContext()
  return context !== undefined && isSpanContextValid(context) ? traceFields(context) : NO_FIELDS
}

let timeMs = 0
let timeText = ''

/** Like pino's `isoTime`, but formats each millisecond only once: a busy service writes many lines in one. */
function isoTime(): string {
  const now = Date.now()
  if (now !== timeMs) {
    timeMs = now
    timeText = `,"time":"${new Date(now).toISOString()}"`
  }
  return timeText
}

async function createPrettyLogger(level: string): Promise<ProcessLogger> {
  const { default: pretty } = await import('pino-pretty')
  const stream = pretty({ sync: true, messageKey: 'message', ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' })
  const logger = pino({ level, messageKey: 'message' }, stream)
  return { logger, flush: () => Promise.resolve(), droppedLines: 0 }
}
