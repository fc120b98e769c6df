import { once } from 'node:events'
import { createServer } from 'node:net'

/** Above the ports of the pipeline's tests, below those that Linux gives to outgoing connections. */
const FIRST = 27_000
const COUNT = 5_700

/**
 * A TCP port of 127.0.0.1 that is free now. The system does not give it to outgoing connections, so it stays free until it
 * is used, and while its process restarts.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch {
      continue
    }
    server.close()
    await once(server, 'close')
    return port
  }
}

/** Several of them, each another. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}
