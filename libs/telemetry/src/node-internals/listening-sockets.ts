import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Server } from 'node:net'
import { atEmptyAcceptQueue } from './accept-queue.ts'
import type { ConnectionLimit } from './connection-limit.ts'

/** The part of Node's internal TCP handle that is used here. */
interface ListeningHandle {
  onconnection: (...args: unknown[]) => unknown
  close: (...args: unknown[]) => unknown
}

/**
 * The sockets on which node:cluster listens for its workers. It closes a socket when the last worker closes the server,
 * and resets the connections that have not been handed to a worker; here they are closed earlier, when no connection is
 * waiting.
 *
 * Relies on the internal handle of a listening server, which is found through Node's diagnostics channel. If that
 * changes, node:cluster closes the sockets as it would without this.
 */
export class ListeningSockets {
  readonly #handles = new Set<ListeningHandle>()
  readonly #limit: Pick<ConnectionLimit, 'enter' | 'leave'>

  /** @param limit limits the connections that wait to be handed to a worker */
  constructor(limit: Pick<ConnectionLimit, 'enter' | 'leave'>) {
    this.#limit = limit
  }

  readonly #onListening = (message: unknown) => {
    const server = typeof message === 'object' && message !== null && 'server' in message ? message.server : undefined
    if (!(server instanceof Server) || !('_handle' in server)) return
    const handle = server._handle
    // node:cluster removes the handle from the server that it created to listen.
    setImmediate(() => {
      if (!('_handle' in server) || server._handle !== null || !isListeningHandle(handle)) return
      boundWaiting(handle, this.#limit)
      this.#handles.add(handle)
    })
  }

  /** Starts to collect the sockets. */
  watch(): void {
    subscribe('tracing:net.server.listen:asyncEnd', this.#onListening)
  }

  /**
   * Accepts no more than `limit` connections and closes any more immediately, for as long as no worker can serve them.
   *
   * @returns a function that removes the limit
   */
  limitAccepts(limit: number): () => void {
    const removals = Array.from(this.#handles, (handle) => limitHandle(handle, limit))
    return () => {
      for (const remove of removals) remove()
    }
  }

  /** Stops listening. Connections that were established by then have been accepted and are handed to a worker. */
  async close(): Promise<void> {
    unsubscribe('tracing:net.server.listen:asyncEnd', this.#onListening)
    await Promise.all(Array.from(this.#handles, closeWhenAcceptQueueIsEmpty))
  }
}

async function closeWhenAcceptQueueIsEmpty(handle: ListeningHandle): Promise<void> {
  const watch = (onAccepted: () => void) => {
    const { onconnection } = handle
    handle.onconnection = (...args) => {
      onAccepted()
      return Reflect.apply(onconnection, handle, args)
    }
    return () => {
      handle.onconnection = onconnection
    }
  }
  await atEmptyAcceptQueue(watch, async () => handle.close())
}

/** A connection waits from its arrival until node:cluster closes this process's copy of it. */
function boundWaiting(handle: ListeningHandle, limit: Pick<ConnectionLimit, 'enter' | 'leave'>): void {
  const { onconnection } = handle
  handle.onconnection = (...args) => {
    const [, connection] = args
    if (!isClosable(connection)) return Reflect.apply(onconnection, handle, args)
    if (!limit.enter()) return connection.close()
    const { close } = connection
    connection.close = (...closeArgs: unknown[]) => {
      connection.close = close
      limit.leave()
      return Reflect.apply(close, connection, closeArgs)
    }
    return Reflect.apply(onconnection, handle, args)
  }
}

function limitHandle(handle: ListeningHandle, limit: number): () => void {
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

function isClosable(connection: unknown): connection is { close: (...args: unknown[]) => unknown } {
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
