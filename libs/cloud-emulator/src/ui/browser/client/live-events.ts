import type { ChangeEvent } from '../../../contract/summary.ts'

/**
 * Listens for changes while the page is visible, because browsers allow only a few connections to a host and tabs in
 * the background would use them up. The browser reconnects automatically. `onConnection` reports whether the emulator
 * is reachable.
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
      // Events were missed in the meantime: assume that dashboards have changed too.
      if (missed) onChange({ seq: 0, metricTypes: [], spans: 0, logs: 0, refusals: 0, dashboards: 1, alerting: 1 })
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
