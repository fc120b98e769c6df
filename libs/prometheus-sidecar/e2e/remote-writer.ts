import assert from 'node:assert/strict'
import { eventually } from './child.ts'

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
}

/** Sends a remote_write request once. Returns the status; rejects if the connection is closed before that. */
export async function sendOnce(
  request: Buffer,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: { ...HEADERS, ...headers },
    body: new Uint8Array(request),
  })
  return { status: response.status, text: await response.text() }
}

/** Sends a request until it is accepted: like Prometheus, it resends after a 5xx. */
export async function sendUntilAccepted(request: Buffer, url: string): Promise<void> {
  await eventually('a request is answered with 2xx', async () => {
    const { status, text } = await sendOnce(request, url)
    if (status >= 500) throw new Error(`${status} ${text}`)
    assert.equal(status, 204, text)
    return true
  })
}
