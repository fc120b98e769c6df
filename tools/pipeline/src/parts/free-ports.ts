import { createServer } from 'node:net'
import type { Part } from './parts.ts'

/** A port that a part needs and another process uses. */
export interface TakenPort {
  readonly part: string
  readonly port: number
  readonly message: string
}

/** Returns the ports of `parts` that can't be listened on at 127.0.0.1 now. */
export async function takenPorts(parts: readonly Part[]): Promise<TakenPort[]> {
  const wanted = parts.flatMap(({ name, ports }) => ports.map((port) => ({ part: name, port })))
  const found = await Promise.all(wanted.map(async (want) => ({ ...want, message: await problemOf(want.port) })))
  return found.flatMap(({ message, ...taken }) => (message === undefined ? [] : [{ ...taken, message }]))
}

function problemOf(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? 'another process is listening on it' : error.message),
    )
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
