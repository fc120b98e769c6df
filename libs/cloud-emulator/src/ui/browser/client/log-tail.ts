import type { LogEntryJson } from '../../../contract/logs.ts'

/** What comes while a tail is open: the entries, oldest first, and how many had no room. */
export interface TailedEntries {
  readonly entries: readonly LogEntryJson[]
  readonly suppressed: number
}

/** Follows the entries that match a query as they are written, until the function that it returns is called. */
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
