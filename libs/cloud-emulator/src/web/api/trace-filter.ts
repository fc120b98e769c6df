import { RpcError } from '../../api/rpc-error.ts'
import type { InUrl } from '../../contract/endpoints.ts'
import type { TraceListParameters } from '../../contract/traces.ts'
import { isTraceOrder, TRACE_ORDERS, type TraceFilter } from '../../trace/find-traces.ts'
import { numberParameter, stringParameter, timeParameter } from './parameters.ts'

const MAX_DURATION_MS = 1e12

/** Parses the parameters of `GET /api/traces`. Throws INVALID_ARGUMENT. */
export function readTraceFilter(query: InUrl<TraceListParameters>): TraceFilter {
  const status = stringParameter(query, 'status')
  if (status !== undefined && status !== 'ok' && status !== 'error')
    throw new RpcError('INVALID_ARGUMENT', `status "${status}" is unknown; "ok" and "error" are allowed.`)
  const sort = stringParameter(query, 'sort') ?? 'newest'
  if (!isTraceOrder(sort))
    throw new RpcError('INVALID_ARGUMENT', `sort "${sort}" is unknown; ${TRACE_ORDERS.join(', ')} are allowed.`)
  const settled = stringParameter(query, 'settled') ?? 'false'
  if (settled !== 'true' && settled !== 'false')
    throw new RpcError('INVALID_ARGUMENT', `settled "${settled}" is unknown; "true" and "false" are allowed.`)
  const range = { min: 0, max: MAX_DURATION_MS }
  return {
    startMs: timeParameter(query, 'start') ?? Number.NEGATIVE_INFINITY,
    endMs: timeParameter(query, 'end') ?? Number.POSITIVE_INFINITY,
    minDurationMs: numberParameter(query, 'minDurationMs', { fallback: 0, ...range }),
    maxDurationMs: numberParameter(query, 'maxDurationMs', { fallback: MAX_DURATION_MS, ...range }),
    limit: numberParameter(query, 'limit', { fallback: 200, min: 1, max: 5000 }),
    plot: numberParameter(query, 'plot', { fallback: 0, min: 0, max: 5000 }),
    settled: settled === 'true',
    service: stringParameter(query, 'service'),
    name: stringParameter(query, 'name'),
    status,
    attribute: readAttribute(stringParameter(query, 'attribute')),
    sort,
  }
}

/** `KEY` or `KEY=VALUE`. */
function readAttribute(text: string | undefined): TraceFilter['attribute'] {
  if (text === undefined) return undefined
  const index = text.indexOf('=')
  return index < 0 ? { key: text, value: undefined } : { key: text.slice(0, index), value: text.slice(index + 1) }
}
