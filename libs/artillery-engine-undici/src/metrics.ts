import type { ArtilleryEvents } from './artillery.ts'
import type { ConnectTimings } from './connections.ts'
import type { Exchange } from './exchange.ts'

const codeNames: string[] = []

/** Counts a request as sent. */
export function countRequest(events: ArtilleryEvents): void {
  events.emit('counter', 'http.requests', 1)
  events.emit('rate', 'http.request_rate')
}

/** Counts a response whose head has come. */
export function countResponse(events: ArtilleryEvents, statusCode: number): void {
  codeNames[statusCode] ??= `http.codes.${statusCode}`
  events.emit('counter', codeNames[statusCode], 1)
  events.emit('counter', 'http.responses', 1)
}

/** Records the times of a response whose last byte has come, in milliseconds with their fractions. */
export function recordTimes(events: ArtilleryEvents, exchange: Exchange, extended: boolean): void {
  const responseTimeMs = exchange.responseTimeMs
  events.emit('counter', 'http.downloaded_bytes', exchange.downloadedBytes)
  events.emit('histogram', 'http.response_time', responseTimeMs)
  const byClass = RESPONSE_TIME_BY_CLASS[Math.floor(exchange.statusCode / 100)]
  if (byClass !== undefined) events.emit('histogram', byClass, responseTimeMs)
  events.emit('histogram', 'http.time_to_first_byte', exchange.timeToFirstByteMs)
  if (extended) events.emit('histogram', 'http.total', responseTimeMs)
}

/** Records what opening a connection took (`http.extendedMetrics`). */
export function recordConnection(events: ArtilleryEvents, timings: ConnectTimings): void {
  events.emit('histogram', 'http.dns', timings.dnsMs)
  events.emit('histogram', 'http.tcp', timings.tcpMs)
  events.emit('histogram', 'http.tls', timings.tlsMs)
}

const RESPONSE_TIME_BY_CLASS: readonly (string | undefined)[] = [
  undefined,
  undefined,
  'http.response_time.2xx',
  'http.response_time.3xx',
  'http.response_time.4xx',
  'http.response_time.5xx',
]
