/** From Cloud Trace's quotas. Anything above them is truncated or dropped and doesn't fail the call. */
export const SPAN_LIMITS = {
  nameBytes: 1024,
  attributes: 1024,
  attributeKeyBytes: 512,
  attributeValueBytes: 65_532,
  events: 256,
  links: 128,
  maxAgeMicros: 14 * 86_400 * 1_000_000,
  maxFutureMicros: 3 * 86_400 * 1_000_000,
} as const

/** Truncates a string to a number of UTF-8 bytes, never within a character. */
export function truncateToBytes(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return text
  let end = maxBytes
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}

/** Why a span is too old or too far in the future; undefined if it is neither. */
export function ageProblem(span: { startMicros: number; endMicros: number }, nowMicros: number): string | undefined {
  if (span.endMicros < nowMicros - SPAN_LIMITS.maxAgeMicros) return 'The span ended more than 14 days ago.'
  if (span.startMicros > nowMicros + SPAN_LIMITS.maxFutureMicros)
    return 'The span starts more than 3 days in the future.'
  if (span.endMicros > nowMicros + SPAN_LIMITS.maxFutureMicros) return 'The span ends more than 3 days in the future.'
  return undefined
}
