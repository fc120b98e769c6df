/** Codes that verify a channel are made in order. */
const READING = /\/(?:Get|List|Query|Tail|Search)(?!.*VerificationCode$)/
const TELEMETRY =
  /\/(?:CreateTimeSeries|CreateServiceTimeSeries|BatchWriteSpans|CreateSpan|PatchTraces|WriteLogEntries|Export)$/

/**
 * What a method (`SERVICE/METHOD`) does: `telemetry` writes points, spans or log entries, which expire; `resource` changes
 * something that stays, such as a dashboard; `reading` changes nothing.
 */
export function callKind(method: string): 'reading' | 'telemetry' | 'resource' {
  if (READING.test(method)) return 'reading'
  return TELEMETRY.test(method) ? 'telemetry' : 'resource'
}
