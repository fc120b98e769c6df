import { invalidField } from '../../api/rpc-error.ts'

const SELECTORS = [
  'select_slo_burn_rate',
  'select_slo_budget_fraction',
  'select_slo_compliance',
  'select_slo_health',
] as const
const SELECTOR = /^\s*(select_slo_\w+)\s*\(\s*("[^"]*"|'[^']*')\s*(?:,\s*("[^"]*"|'[^']*'|\d+[smhd]?)\s*)?\)\s*$/
const SLO_NAME = /^projects\/[^/]+\/services\/[^/]+\/serviceLevelObjectives\/[^/]+$/
const PERIOD = /^(\d{1,9})(s|m|h|d)$/
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
const MIN_LOOKBACK_SECONDS = 60

/** A filter that selects a time series about a service-level objective, such as `select_slo_burn_rate("NAME", "60m")`. */
export interface SloSelector {
  readonly kind: (typeof SELECTORS)[number]
  readonly slo: string
  /** Of the burn rate only. */
  readonly lookbackMicros: number
}

/** The selector that a filter is; undefined if it is an ordinary filter. Throws INVALID_ARGUMENT. */
export function readSloSelector(filter: string, field: string): SloSelector | undefined {
  if (!/^\s*select_slo_/.test(filter)) return undefined
  const match = SELECTOR.exec(filter)
  const kind = SELECTORS.find((one) => one === match?.[1])
  const slo = unquoted(match?.[2] ?? '')
  if (!kind || !SLO_NAME.test(slo))
    throw invalidField(
      field,
      filter,
      `It must be one of ${SELECTORS.join(', ')} with the full name of an SLO in quotes, such as select_slo_burn_rate("projects/P/services/S/serviceLevelObjectives/O", "60m").`,
    )
  const period = match?.[3] === undefined ? undefined : PERIOD.exec(unquoted(match[3]))
  const seconds = Number(period?.[1] ?? 0) * (UNIT_SECONDS[period?.[2] ?? ''] ?? 0)
  if ((kind === 'select_slo_burn_rate') !== (match?.[3] !== undefined))
    throw invalidField(field, filter, 'The lookback period, such as "60m", belongs to select_slo_burn_rate only.')
  if (kind === 'select_slo_burn_rate' && seconds < MIN_LOOKBACK_SECONDS)
    throw invalidField(field, filter, 'The lookback period must be a whole number of s, m, h or d, at least 60s.')
  return { kind, slo, lookbackMicros: seconds * 1e6 }
}

function unquoted(text: string): string {
  return text.replace(/^["']|["']$/g, '')
}
