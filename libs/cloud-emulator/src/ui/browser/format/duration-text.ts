const factors: Readonly<Record<string, number>> = { us: 0.001, µs: 0.001, ms: 1, s: 1000, m: 60_000 }

/** Reads a duration as a person types it (`100ms`, `1.5s`, `20` for milliseconds); undefined for what is none. */
export function parseDurationText(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(us|µs|ms|s|m)?\s*$/.exec(text)
  return match ? Number(match[1]) * (factors[match[2] ?? 'ms'] ?? 1) : undefined
}
