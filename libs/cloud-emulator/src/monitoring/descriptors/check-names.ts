import { fieldMessage } from '../../api/rpc-error.ts'
import { isManaged, MANAGED_NAME, MANAGED_PREFIX } from '../model/managed-metric.ts'
import { WRITE_LIMITS } from '../model/write-limits.ts'

const LABEL_KEY = /^[a-zA-Z_][a-zA-Z0-9_]*$/
/** Label keys that the Telemetry API accepts. */
export const TELEMETRY_LABEL_KEY = /^[a-zA-Z_][a-zA-Z0-9_.]*$/
const MANAGED_TYPE = new RegExp(`^${MANAGED_PREFIX.replaceAll('.', '\\.')}${MANAGED_NAME}$`)
/** A domain, then a path. */
const METRIC_TYPE = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/[A-Za-z0-9_.-]+)+$/
const WRITABLE_DOMAINS = [
  'custom.googleapis.com/',
  'external.googleapis.com/',
  'workload.googleapis.com/',
  MANAGED_PREFIX,
]

/** The domains of Google's own metrics. */
const SERVICE_DOMAIN = /^(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*\.googleapis\.com|kubernetes\.io|istio\.io|knative\.dev)\//

/**
 * The writer of a metric: a user with CreateTimeSeries, a Google service with CreateServiceTimeSeries, or the Telemetry
 * API, which allows colons in names and dots in labels.
 */
export type MetricWriter = 'user' | 'service' | 'telemetry'

/** The API's error message for a metric type; undefined if it is valid. */
export function metricTypeProblem(type: string, field: string, writer: MetricWriter = 'user'): string | undefined {
  const isPrometheus = writer === 'telemetry' || (writer === 'user' && isManaged(type))
  if (!(isPrometheus ? MANAGED_TYPE : METRIC_TYPE).test(type)) {
    return fieldMessage(field, type, 'The metric type must be a URL-formatted string with a domain and non-empty path.')
  }
  if (type.length > WRITE_LIMITS.metricTypeCharacters) {
    return fieldMessage(
      field,
      type,
      `The metric type has ${type.length} characters; at most ${WRITE_LIMITS.metricTypeCharacters} are allowed.`,
    )
  }
  if (writer === 'telemetry') return undefined
  const isUserDefined = WRITABLE_DOMAINS.some((domain) => type.startsWith(domain))
  if (writer === 'service') {
    if (!isUserDefined && SERVICE_DOMAIN.test(type)) return undefined
    const reason = isUserDefined
      ? 'User-defined metrics are written with timeSeries.create.'
      : 'It is not the type of a Google Cloud service.'
    return fieldMessage(field, type, reason)
  }
  if (!isUserDefined) {
    return fieldMessage(field, type, `Only metric types that begin with ${WRITABLE_DOMAINS.join(', ')} can be written.`)
  }
  return undefined
}

/** The API's error message for a label key; undefined if it is valid. */
export function labelKeyProblem(key: string, field: string, writer: MetricWriter = 'user'): string | undefined {
  const isTelemetry = writer === 'telemetry'
  if ((isTelemetry ? TELEMETRY_LABEL_KEY : LABEL_KEY).test(key) && key.length <= WRITE_LIMITS.labelKeyCharacters)
    return undefined
  return fieldMessage(
    field,
    key,
    `A label key must begin with a letter or an underscore, contain only letters, digits${isTelemetry ? ', dots' : ''} and underscores, and have at most ${WRITE_LIMITS.labelKeyCharacters} characters.`,
  )
}
