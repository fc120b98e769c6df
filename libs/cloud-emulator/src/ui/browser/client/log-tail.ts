import type { LogEntryJson } from '../../../contract/logs.ts'

/** An update of a tail: the entries, oldest first, and how many were suppressed. */
export interface TailedEntries {
  readonly entries: readonly LogEntryJson[]
  readonly suppressed: number
}

/** Follows the entries that match a query as they are written, until the returned function is called. */
export function followLogs(
  { project, query, severity }: { project: string | undefined; query: string; severity: string },
  onEntries: (tailed: TailedEntries) => void,
): () => void {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries({ project, query, severity })) if (value) search.set(name, value)
  const source = new EventSource(`/api/logs/tail?${search}`)
  source.addEventListener('entries', (event) => {
    const tailed: TailedEntries = JSON.parse(event.data)
    onEntries(tailed)
  })
  return () => source.close()
}
