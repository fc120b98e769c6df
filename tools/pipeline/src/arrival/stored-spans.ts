import { getJson } from '../get-json.ts'

/** The spans that the emulator has stored, and how much it has rejected. */
export interface StoredSpans {
  /** Spans by service name. */
  readonly byService: ReadonlyMap<string, number>
  /** Points and spans that it has rejected since it started. */
  readonly rejected: number
}

/** The fields of Cloud Trace v1's `ListTracesResponse` that are read here. */
interface TraceList {
  readonly traces?: readonly { readonly spans: readonly { readonly labels?: Readonly<Record<string, string>> }[] }[]
  readonly nextPageToken?: string
}

interface Summary {
  readonly pointsRefused: number
  readonly spansRefused: number
}

/** Traces per page, and the most pages that are read: enough to see which services send traces. */
const PAGE_SIZE = 1000
const MAX_PAGES = 5

/**
 * Counts the newest spans of each service through Cloud Trace's REST API at `baseUrl`, and what was rejected there.
 *
 * @throws where it does not answer within 5 s
 */
export async function readStoredSpans(baseUrl: string, projectId: string): Promise<StoredSpans> {
  const project = encodeURIComponent(projectId)
  const summary = await getJson<Summary>(`${baseUrl}/api/summary?project=${project}`)
  const byService = new Map<string, number>()
  let pageToken = ''
  for (let page = 0; page < MAX_PAGES; page++) {
    const list = await getJson<TraceList>(
      `${baseUrl}/v1/projects/${project}/traces?view=COMPLETE&pageSize=${PAGE_SIZE}&pageToken=${pageToken}`,
    )
    for (const span of (list.traces ?? []).flatMap(({ spans }) => spans)) {
      const service = span.labels?.['service.name'] ?? ''
      byService.set(service, (byService.get(service) ?? 0) + 1)
    }
    if (!list.nextPageToken) break
    pageToken = encodeURIComponent(list.nextPageToken)
  }
  return { byService, rejected: summary.pointsRefused + summary.spansRefused }
}
