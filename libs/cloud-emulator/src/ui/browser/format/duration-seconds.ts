/** Parses a protobuf duration in JSON (`60s`); undefined for anything else. */
export function parseDurationSeconds(text: string | undefined): number | undefined {
  const match = /^(\d+(?:\.\d+)?)s$/.exec(text ?? '')
  return match ? Number(match[1]) : undefined
}
