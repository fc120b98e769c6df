import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { RpcError } from '../../api/rpc-error.ts'
import { STATUS_CODES, type StatusName } from '../../contract/status.ts'
import { CREATE_TIME_SERIES_SUMMARY, type CreateTimeSeriesSummaryMessage } from '../model/messages.ts'
import { indexRanges } from './index-ranges.ts'

/** A rejected series of a request. */
export interface SeriesRefusal {
  readonly index: number
  /** A fixed word for metrics. */
  readonly reason: string
  readonly status: StatusName
  /** The message in the summary. */
  readonly message: string
  /** The resource in the response's message, for reasons that contain it. */
  readonly resource?: string
}

type SummaryError = CreateTimeSeriesSummaryMessage['errors'][number]

/**
 * The summary is in a header, whose size clients limit. If not all reasons fit, the last ones are only counted by code.
 */
const SUMMARY_BYTES = 1500

/** INVALID_ARGUMENT with a CreateTimeSeriesSummary, in the API's wording since 2025. */
export function partialError(refused: readonly SeriesRefusal[], total: number): RpcError {
  const summary: CreateTimeSeriesSummaryMessage = {
    totalPointCount: total,
    successPointCount: total - refused.length,
    errors: fitting(countedErrors(refused)),
  }
  return new RpcError(
    'INVALID_ARGUMENT',
    `One or more TimeSeries could not be written: ${placedReasons(refused).join('; ')}`,
    { details: [{ typeName: CREATE_TIME_SERIES_SUMMARY, value: summary }] },
  )
}

/** Each reason with the indexes of its series. */
function placedReasons(refused: readonly SeriesRefusal[]): string[] {
  const groups = Map.groupBy(refused, ({ resource, message }) => `${resource} ${message}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const { resource, message } = first
    const place = `timeSeries[${indexRanges(group.map(({ index }) => index))}]`
    if (resource !== undefined) return [`${place}: write for resource=${resource} failed with: ${message}`]
    return [message.startsWith('Field ') ? message : `${message}: ${place}`]
  })
}

function countedErrors(refused: readonly SeriesRefusal[]): SummaryError[] {
  const counted = new Map<string, SummaryError>()
  for (const { status, message } of refused) {
    const code = STATUS_CODES[status]
    const known = counted.get(`${code} ${message}`)
    if (known) known.pointCount++
    else counted.set(`${code} ${message}`, { status: { code, message }, pointCount: 1 })
  }
  return [...counted.values()]
}

function fitting(errors: readonly SummaryError[]): SummaryError[] {
  const kept: SummaryError[] = []
  const rest = new Map<number, { reasons: number; points: number }>()
  let bytes = 0
  for (const error of errors) {
    const { code, message } = error.status
    bytes += Buffer.byteLength(message) + 10
    if (bytes <= SUMMARY_BYTES) {
      kept.push(error)
      continue
    }
    const known = rest.get(code) ?? { reasons: 0, points: 0 }
    rest.set(code, { reasons: known.reasons + 1, points: known.points + error.pointCount })
  }
  for (const [code, { reasons, points }] of rest) {
    const message = `${reasons} more ${plural(reasons, "reason that doesn't", "reasons that don't")} fit here.`
    kept.push({ status: { code, message }, pointCount: points })
  }
  return kept
}
