import { render } from '@node-to-cloud/browser-kit/browser/view'
import type { Status } from '../../contract/status.ts'
import { statusView } from './status-view.ts'

const REFRESH_MS = 5000
const TIMEOUT_MS = 20_000

async function readStatus(): Promise<Status> {
  const response = await fetch('/api/status', { signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) throw new Error(`The sidecar answered with ${response.status}.`)
  return await response.json()
}

/** Shows the status, and refreshes it every five seconds while the page is visible. */
async function run(host: HTMLElement): Promise<void> {
  let status: Status | undefined
  let updatedMs = Date.now()
  for (;;) {
    let problem: string | undefined
    if (document.visibilityState === 'visible') {
      try {
        const next = await readStatus()
        // Replaces what the server had rendered.
        if (status === undefined) host.replaceChildren()
        status = next
        updatedMs = Date.now()
      } catch {
        problem = 'The sidecar is not responding. Retrying.'
      }
      if (status !== undefined) render(statusView(status, problem, updatedMs), host)
    }
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS))
  }
}

const host = document.getElementById('status')
if (host !== null) void run(host)
