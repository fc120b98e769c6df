import { isSpanContextValid, trace } from '@opentelemetry/api'
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'

export type { Logger } from 'pino'

/** How a process logs. */
export interface LoggerOptions {
  /** The least level that is written; default `info`. */
  readonly level?: string
  /** Readable lines instead of JSON; default: where standard output is a terminal. */
  readonly pretty?: boolean
  /** Where lines go; default standard output, written in blocks. */
  readonly destination?: DestinationStream
}

/** A logger and the means to see its last lines out. */
export interface ProcessLogger {
  readonly logger: Logger
  /** Writes what is still in memory, at once. */
  flush(): void
  /** Lines that were dropped because nobody reads standard output. */
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

const BLOCK_BYTES = 4096
const FLUSH_INTERVAL_MS = 100
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024

/**
 * Makes the logger of a process: JSON lines as Cloud Logging's agent reads them (`severity`, `time`, `message`, and inside a span
 * `logging.googleapis.com/trace`, `spanId`, `trace_sampled`), or readable lines on a terminal.
 *
 * Lines are written in blocks of 4 KiB, at the latest after 100 ms; the rest is written when the process exits.
 */
export async function createLogger(options: LoggerOptions = {}): Promise<ProcessLogger> {
  const level = options.level ?? 'info'
  if (options.destination === undefined && (options.pretty ?? process.stdout.isTTY)) return createPrettyLogger(level)
  let droppedLines = 0
  const destination = options.destination ?? standardOutput(() => droppedLines++)
  const logger = pino(
    {
      level,
      messageKey: 'message',
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ severity: SEVERITIES[label] ?? 'DEFAULT' }) },
      mixin: activeTraceFields,
    },
    destination,
  )
  return {
    logger,
    flush: () => logger.flush(),
    get droppedLines() {
      return droppedLines
    },
  }
}

/** Cloud Logging's fields that tie a line to a span; the trace field takes the bare id. */
export interface TraceFields {
  readonly 'logging.googleapis.com/trace': string
  readonly 'logging.googleapis.com/spanId': string
  readonly 'logging.googleapis.com/trace_sampled': boolean
}

/** The fields of a span's context. */
export function traceFields(context: {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
}): TraceFields {
  return {
    'logging.googleapis.com/trace': context.traceId,
    'logging.googleapis.com/spanId': context.spanId,
    'logging.googleapis.com/trace_sampled': (context.traceFlags & 1) === 1,
  }
}

function activeTraceFields(bindings: object): object {
  if ('logging.googleapis.com/trace' in bindings) return {}
  const context = trace.getActiveSpan()?.spanContext()
  return context !== undefined && isSpanContextValid(context) ? traceFields(context) : {}
}

function standardOutput(onDrop: () => void): DestinationStream {
  const stream = pino.destination({
    dest: 1,
    sync: false,
    minLength: BLOCK_BYTES,
    periodicFlush: FLUSH_INTERVAL_MS,
    maxLength: MAX_BUFFERED_BYTES,
  })
  stream.on('drop', onDrop)
  // A reader that has gone away (EPIPE) must not end the service.
  stream.on('error', onDrop)
  process.once('exit', () => {
    try {
      stream.flushSync()
    } catch {
      // Standard output is closed: there is nobody left to tell.
    }
  })
  return stream
}

async function createPrettyLogger(level: string): Promise<ProcessLogger> {
  const { default: pretty } = await import('pino-pretty')
  const stream = pretty({ sync: true, messageKey: 'message', ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' })
  const logger = pino({ level, messageKey: 'message' }, stream)
  return { logger, flush: () => {}, droppedLines: 0 }
}
