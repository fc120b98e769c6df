import type { ArtilleryEvents } from './contract.ts'

/** The times of a response, in fractional milliseconds. */
export interface ResponseTimes {
  statusCode: number
  responseTimeMs: number
  timeToFirstByteMs: number | undefined
  downloadedBytes: number
}

/** How long the parts of opening a connection took. */
export interface ConnectTimings {
  dnsMs: number
  tcpMs: number
  /** 0 for plain HTTP. */
  tlsMs: number
}

const codeNames: string[] = []

const RESPONSE_TIME_BY_CLASS: readonly (string | undefined)[] = [
  undefined,
  undefined,
  'http.response_time.2xx',
  'http.response_time.3xx',
  'http.response_time.4xx',
  'http.response_time.5xx',
]

/** Counts a request. */
export function countRequest(events: ArtilleryEvents): void {
  events.emit('counter', 'http.requests', 1)
  events.emit('rate', 'http.request_rate')
}

/** Counts a response whose head has arrived. */
export function countResponse(events: ArtilleryEvents, statusCode: number): void {
  codeNames[statusCode] ??= `http.codes.${statusCode}`
  events.emit('counter', codeNames[statusCode], 1)
  events.emit('counter', 'http.responses', 1)
}

/**
 * Records the times of a response whose last byte has arrived.
 *
 * @param extended `config.http.extendedMetrics`
 */
export function recordTimes(events: ArtilleryEvents, response: ResponseTimes, extended: boolean): void {
  const { responseTimeMs } = response
  events.emit('counter', 'http.downloaded_bytes', response.downloadedBytes)
  events.emit('histogram', 'http.response_time', responseTimeMs)
  const byClass = RESPONSE_TIME_BY_CLASS[Math.floor(response.statusCode / 100)]
  if (byClass !== undefined) events.emit('histogram', byClass, responseTimeMs)
  events.emit('histogram', 'http.time_to_first_byte', response.timeToFirstByteMs)
  if (extended) events.emit('histogram', 'http.total', responseTimeMs)
}

/** Records how long opening a connection took (`http.extendedMetrics`). */
export function recordConnection(events: ArtilleryEvents, timings: ConnectTimings): void {
  events.emit('histogram', 'http.dns', timings.dnsMs)
  events.emit('histogram', 'http.tcp', timings.tcpMs)
  events.emit('histogram', 'http.tls', timings.tlsMs)
}
