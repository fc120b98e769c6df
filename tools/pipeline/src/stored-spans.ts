/** Span counts that the emulator holds for one project. */
export interface StoredSpans {
  /** Spans by service name. */
  readonly byService: ReadonlyMap<string, number>
  /** Points and spans that were refused since the start. */
  readonly rejected: number
}

interface Summary {
  readonly pointsRefused: number
  readonly spansRefused: number
}

interface TraceList {
  readonly traces: readonly { readonly traceId: string; readonly services: readonly string[]; readonly spans: number }[]
  readonly total: number
}

/**
 * Reads how many spans of each service the emulator at `baseUrl` holds, and what it has refused.
 *
 * @throws where it does not answer within 5 s
 */
export async function readStoredSpans(
  baseUrl: string,
  projectId: string,
  services: readonly string[],
): Promise<StoredSpans> {
  const project = encodeURIComponent(projectId)
  const [summary, ...lists] = await Promise.all([
    getJson<Summary>(`${baseUrl}/api/summary?project=${project}`),
    ...services.map((service) =>
      getJson<TraceList>(`${baseUrl}/api/traces?project=${project}&service=${encodeURIComponent(service)}&limit=1`),
    ),
  ])
  return {
    byService: new Map(services.map((service, index) => [service, lists[index]?.total ?? 0])),
    rejected: summary.pointsRefused + summary.spansRefused,
  }
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}`)
  return (await response.json()) as T
}
