import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Server } from 'node:net'
import { untilNobodyWaits } from './accept-queue.ts'

/** The part of Node's own TCP handle that is used here. */
interface ListeningHandle {
  onconnection: (...args: unknown[]) => unknown
  close(): void
}

/**
 * The sockets on which node:cluster listens in place of its workers. It closes one with the last worker that closes its server, and resets who
 * was connected and had not been handed to a worker; here they are closed before, when nobody waits.
 *
 * Node gives them to nobody, but tells of each server that listens. Should that ever change, node:cluster closes them as ever.
 */
export class ListeningSockets {
  readonly #handles = new Set<ListeningHandle>()

  readonly #onListening = (message: unknown) => {
    const server = typeof message === 'object' && message !== null && 'server' in message ? message.server : undefined
    if (!(server instanceof Server) || !('_handle' in server)) return
    const handle = server._handle
    // node:cluster takes the handle out of the server that it made to listen.
    setImmediate(() => {
      if ('_handle' in server && server._handle === null && isListeningHandle(handle)) this.#handles.add(handle)
    })
  }

  /** Takes note of the sockets from now on. */
  watch(): void {
    subscribe('tracing:net.server.listen:asyncEnd', this.#onListening)
  }

  /**
   * Takes no more than so many connections and closes all others at once, until the function that it gives is called: for a time in which nobody
   * serves them.
   */
  bound(limit: number): () => void {
    const unbounds = Array.from(this.#handles, (handle) => boundAccepts(handle, limit))
    return () => {
      for (const unbound of unbounds) unbound()
    }
  }

  /** Stops listening. Who was connected by then has been accepted, and is handed to a worker as ever. */
  async close(): Promise<void> {
    unsubscribe('tracing:net.server.listen:asyncEnd', this.#onListening)
    await Promise.all(Array.from(this.#handles, closeWhenNobodyWaits))
  }
}

async function closeWhenNobodyWaits(handle: ListeningHandle): Promise<void> {
  await untilNobodyWaits((onAccepted) => {
    const { onconnection } = handle
    handle.onconnection = (...args) => {
      onAccepted()
      return Reflect.apply(onconnection, handle, args)
    }
    return () => {
      handle.onconnection = onconnection
    }
  })
  handle.close()
}

function boundAccepts(handle: ListeningHandle, limit: number): () => void {
  const { onconnection } = handle
  let accepted = 0
  handle.onconnection = (...args) => {
    if (++accepted <= limit) return Reflect.apply(onconnection, handle, args)
    const [, connection] = args
    if (isClosable(connection)) connection.close()
    return undefined
  }
  return () => {
    handle.onconnection = onconnection
  }
}

function isClosable(connection: unknown): connection is { close(): void } {
  return (
    typeof connection === 'object' &&
    connection !== null &&
    'close' in connection &&
    typeof connection.close === 'function'
  )
}

function isListeningHandle(handle: unknown): handle is ListeningHandle {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    'onconnection' in handle &&
    typeof handle.onconnection === 'function' &&
    isClosable(handle)
  )
}
