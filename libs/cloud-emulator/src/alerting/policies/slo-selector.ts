import { invalidField, RpcError } from '../../api/rpc-error.ts'

const SELECTOR = /^\s*select_slo_burn_rate\s*\(\s*("[^"]*"|'[^']*')\s*,\s*("[^"]*"|'[^']*'|\d+[smhd])\s*\)\s*$/
const SLO_NAME = /^projects\/[^/]+\/services\/[^/]+\/serviceLevelObjectives\/[^/]+$/
const PERIOD = /^(\d{1,9})(s|m|h|d)$/
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
const MIN_LOOKBACK_SECONDS = 60

/** A filter that selects the burn rate of a service-level objective: `select_slo_burn_rate("NAME", "60m")`. */
export interface SloSelector {
  readonly slo: string
  readonly lookbackMicros: number
}

/**
 * Parses a filter as an SLO selector; undefined if it is an ordinary filter. Throws INVALID_ARGUMENT or UNIMPLEMENTED.
 */
export function readSloSelector(filter: string, field: string): SloSelector | undefined {
  const name = /^\s*(select_slo_\w+)/.exec(filter)?.[1]
  if (name === undefined) return undefined
  if (name !== 'select_slo_burn_rate')
    throw new RpcError(
      'UNIMPLEMENTED',
      `${name} is not implemented by this emulator: use select_slo_burn_rate. (${field})`,
    )
  const match = SELECTOR.exec(filter)
  const slo = unquoted(match?.[1] ?? '')
  if (!SLO_NAME.test(slo))
    throw invalidField(
      field,
      filter,
      'It must have the full name of an SLO and a lookback period in quotes, such as select_slo_burn_rate("projects/P/services/S/serviceLevelObjectives/O", "60m").',
    )
  const period = PERIOD.exec(unquoted(match?.[2] ?? ''))
  const seconds = Number(period?.[1] ?? 0) * (UNIT_SECONDS[period?.[2] ?? ''] ?? 0)
  if (seconds < MIN_LOOKBACK_SECONDS)
    throw invalidField(field, filter, 'The lookback period must be a whole number of s, m, h or d, at least 60s.')
  return { slo, lookbackMicros: seconds * 1e6 }
}

function unquoted(text: string): string {
  return text.replace(/^["']|["']$/g, '')
}
