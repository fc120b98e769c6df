import type { ChangeEvent } from './api-types.ts'

/** Listens for what was written; the browser reconnects by itself. `onConnection` says whether the emulator is there. */
export function listenForChanges(
  project: string | undefined,
  onChange: (event: ChangeEvent) => void,
  onConnection: (connected: boolean) => void,
): () => void {
  const query = project === undefined ? '' : `?project=${encodeURIComponent(project)}`
  const source = new EventSource(`/api/events${query}`)
  source.addEventListener('open', () => onConnection(true))
  source.addEventListener('error', () => onConnection(false))
  source.addEventListener('change', (event) => {
    const parsed: ChangeEvent = JSON.parse(event.data)
    onChange(parsed)
  })
  return () => source.close()
}
