const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/**
 * Parses a typed duration in any unit that pages show: `100ms`, `1.5 min`, `20` (milliseconds); undefined for anything
 * else.
 */
export function parseDurationText(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|m|min|h|d)?\s*$/.exec(text)
  return match ? Number(match[1]) * (UNIT_MS[match[2] ?? 'ms'] ?? 1) : undefined
}
