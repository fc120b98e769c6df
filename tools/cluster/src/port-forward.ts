import { once } from 'node:events'
import type { Kubectl } from './kubectl.ts'

const START_TIMEOUT_MS = 20_000

/** Forwards a free local port to a port of an object such as `service/NAME`, calls `use` with its URL, and ends the forwarding. */
export async function withPortForward<T>(
  kubectl: Kubectl,
  target: string,
  port: number,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const child = kubectl.start(['port-forward', target, `:${port}`])
  const ended = once(child, 'close')
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let output = ''
      const timer = setTimeout(
        () => reject(new Error(`port-forward ${target} ${port}: no answer; ${output}`)),
        START_TIMEOUT_MS,
      )
      const read = (chunk: Buffer): void => {
        output += chunk.toString('utf8')
        const found = /Forwarding from (127\.0\.0\.1:\d+)/.exec(output)?.[1]
        if (found === undefined) return
        clearTimeout(timer)
        resolve(`http://${found}`)
      }
      child.stdout?.on('data', read)
      child.stderr?.on('data', read)
      child.on('exit', () => {
        clearTimeout(timer)
        reject(new Error(`port-forward ${target} ${port}: ${output.trim()}`))
      })
    })
    return await use(url)
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}
