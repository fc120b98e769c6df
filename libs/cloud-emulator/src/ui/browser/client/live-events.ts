import type { ChangeEvent } from '../../../contract/summary.ts'

/**
 * Listens for what was written, while the page can be seen: a browser has few connections to one place, and pages in tabs
 * behind would use them up. The browser reconnects by itself. `onConnection` says whether the emulator is there.
 */
export function listenForChanges(
  project: string | undefined,
  onChange: (event: ChangeEvent) => void,
  onConnection: (connected: boolean) => void,
): () => void {
  const query = project === undefined ? '' : `?project=${encodeURIComponent(project)}`
  let source: EventSource | undefined
  let missed = false
  const open = (): void => {
    source = new EventSource(`/api/events${query}`)
    source.addEventListener('open', () => {
      onConnection(true)
      // What came while nobody listened is not known: a dashboard may have.
      if (missed) onChange({ seq: 0, metricTypes: [], spans: 0, refusals: 0, dashboards: 1 })
      missed = false
    })
    source.addEventListener('error', () => {
      missed = true
      onConnection(false)
    })
    source.addEventListener('change', (event) => {
      const parsed: ChangeEvent = JSON.parse(event.data)
      onChange(parsed)
    })
  }
  const follow = (): void => {
    if (!document.hidden) {
      if (!source) open()
      return
    }
    source?.close()
    source = undefined
    missed = true
  }
  document.addEventListener('visibilitychange', follow)
  follow()
  return () => {
    document.removeEventListener('visibilitychange', follow)
    source?.close()
  }
}
