import { once } from 'node:events'
import { createServer } from 'node:net'

/** Above what the pipeline's tests move their ports to, below what Linux gives to outgoing connections. */
const FIRST = 27_000
const COUNT = 5_700

/**
 * A TCP port of 127.0.0.1 that is free now. It is not one of those that the system gives to outgoing connections, so that it stays
 * free until it is used, and while its process is restarted.
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
