import { status } from '@grpc/grpc-js'
import { type WriteSummary, writeSummaryOf } from './write-summary.ts'

/** A gRPC error: its code, its message, and Google's details from the trailers, if any. */
export interface ApiError {
  readonly code: number
  readonly message: string
  /** The `grpc-status-details-bin` trailer: a `google.rpc.Status`. */
  readonly details?: Uint8Array | undefined
}

/** Why a point was not written. */
export interface PointRefusal {
  readonly code: number
  readonly reason: string
}

/** What an error says about the points of a request. */
export interface RefusedRequest {
  readonly summary: WriteSummary | undefined
  /** By index in the request; empty if the error names no points. */
  readonly refusals: ReadonlyMap<number, PointRefusal>
}

/**
 * How to handle an error. `retry`: the same request may succeed later. `wait`: it may too, but someone must first fix
 * access or the address. `refuse`: the points are invalid, for good.
 */
export type RetryClass = 'retry' | 'wait' | 'refuse'

/** How to handle an error with this gRPC code. */
export function retryClass(code: number): RetryClass {
  switch (code) {
    case status.CANCELLED:
    case status.UNKNOWN:
    case status.DEADLINE_EXCEEDED:
    case status.RESOURCE_EXHAUSTED:
    case status.ABORTED:
    case status.INTERNAL:
    case status.UNAVAILABLE:
      return 'retry'
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
    case status.NOT_FOUND:
    case status.UNIMPLEMENTED:
      return 'wait'
    default:
      return 'refuse'
  }
}

/** Whether a refusal says that the series already has a point at or after this one. */
export function isOrderRefusal(reason: string): boolean {
  return /written in order|older (start|end) time/i.test(reason)
}

/** Whether a refusal says that the interval starts before the end of the newest point. */
export function isStartRefusal(reason: string): boolean {
  return /older start time/i.test(reason)
}

/** Whether a refusal says that the previous point of the series is too recent. */
export function isRateRefusal(reason: string): boolean {
  return /more frequently than the maximum sampling period/i.test(reason)
}

/** Reads the summary and the `timeSeries[…]` indexes of the error of a request with `size` series. */
export function readRefusedRequest(error: ApiError, size: number): RefusedRequest {
  const summary = error.details === undefined ? undefined : writeSummaryOf(error.details)
  const refusals = new Map<number, PointRefusal>()
  for (const { indexes, reason } of readIndexedReasons(error.message)) {
    const code =
      summary?.errors.find(({ message }) => message !== '' && agree(message, reason))?.code ??
      codeOf(reason, error.code)
    for (const index of indexes) if (index < size && !refusals.has(index)) refusals.set(index, { code, reason })
  }
  return { summary, refusals }
}

function agree(a: string, b: string): boolean {
  return a.includes(b) || b.includes(a)
}

/** Some reasons have a code of their own, which otherwise only a summary would report. */
function codeOf(reason: string, requestCode: number): number {
  return isRateRefusal(reason) ? status.FAILED_PRECONDITION : requestCode
}

const INDEXES = /timeSeries\[([\d,\s-]+)\]/gi

/**
 * The API's messages have three forms:
 * - `…: timeSeries[0-2]: write for resource=… failed with: REASON` (2025)
 * - `…: REASON: timeSeries[0-3]; REASON2: timeSeries[5,7]` (older)
 * - `Field timeSeries[0].points[0].interval.end_time had an invalid value of …` (about the request)
 */
function readIndexedReasons(message: string): { indexes: number[]; reason: string }[] {
  const found = [...message.matchAll(INDEXES)]
  const reasons: { indexes: number[]; reason: string }[] = []
  for (const [order, match] of found.entries()) {
    const start = match.index
    const end = start + match[0].length
    const nextStart = found[order + 1]?.index ?? message.length
    const previous = found[order - 1]
    const previousEnd = previous === undefined ? 0 : previous.index + previous[0].length
    let reason: string
    if (message[end] === '.') {
      reason = message.slice(message.slice(previousEnd, start).endsWith('Field ') ? start - 6 : start, nextStart)
    } else if (message[end] === ':') {
      reason = message.slice(end + 1, nextStart)
      const failed = reason.indexOf('failed with:')
      if (failed >= 0) reason = reason.slice(failed + 'failed with:'.length)
    } else {
      reason = message.slice(previousEnd, start).replace(/^.*could not be written:/s, '')
    }
    reasons.push({ indexes: readIndexes(match[1] ?? ''), reason: reason.replace(/^[\s;:,]+|[\s;:,]+$/g, '') })
  }
  return reasons
}

function readIndexes(list: string): number[] {
  const indexes: number[] = []
  for (const part of list.split(',')) {
    const [from, to] = part.split('-').map((text) => Number.parseInt(text.trim(), 10))
    if (from === undefined || Number.isNaN(from)) continue
    for (let index = from; index <= Math.min(to ?? from, from + 1000); index++) indexes.push(index)
  }
  return indexes
}
