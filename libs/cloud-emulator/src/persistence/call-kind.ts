/** Verification codes are generated in order. */
const READING = /\/(?:Get|List|Query|Tail|Search)(?!.*VerificationCode$)/
const TELEMETRY =
  /\/(?:CreateTimeSeries|CreateServiceTimeSeries|BatchWriteSpans|CreateSpan|PatchTraces|WriteLogEntries|Export)$/

/**
 * The effect of a method (`SERVICE/METHOD`): `telemetry` writes points, spans or log entries, which expire; `resource`
 * changes something permanent, such as a dashboard; `reading` changes nothing.
 */
export function callKind(method: string): 'reading' | 'telemetry' | 'resource' {
  if (READING.test(method)) return 'reading'
  return TELEMETRY.test(method) ? 'telemetry' : 'resource'
}
