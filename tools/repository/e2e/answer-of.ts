import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

const PATIENCE_MS = 60_000

/** GETs `url` until its answer is as expected; fails with the last one after a minute. */
export async function answerOf(url: string, isExpected: (text: string, status: number) => boolean): Promise<void> {
  let last: unknown
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await sleep(250)) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
      const text = await response.text()
      if (isExpected(text, response.status)) return
      last = text
    } catch (error) {
      last = error
    }
  }
  assert.fail(`${url} has not answered as expected: ${last}`)
}
