import { connect, type Socket } from 'node:net'
import type { buildConnector } from 'undici'
import { EngineError } from '../artillery/errors.ts'

/** Takes the bytes that a socket has received: the first `length` of a buffer, which are valid until it returns. */
export type OnBytes = (bytes: Buffer, length: number) => void

const KEEP_ALIVE_DELAY_MS = 60_000
const READ_BUFFER_BYTES = 65_536

interface Reader {
  onBytes: OnBytes
}

const readers = new WeakMap<Socket, Reader>()
/** All sockets read into the same buffer: data is parsed before the next socket reads. */
const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES)

/**
 * Opens plain TCP connections that read without allocating a buffer for each chunk; {@link readFrom} receives the data.
 */
export function tcpConnector(timeoutMs: number): buildConnector.connector {
  return ({ hostname, port }, callback) => {
    const reader: Reader = { onBytes: ignore }
    const socket = connect({
      host: hostname,
      port: Number(port || 80),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
      onread: {
        buffer: readBuffer,
        callback: (length) => {
          reader.onBytes(readBuffer, length)
          return true
        },
      },
    })
    readers.set(socket, reader)
    const timer = setTimeout(() => {
      socket.destroy(new EngineError('ETIMEDOUT', `Connection not established within ${timeoutMs} ms`))
    }, timeoutMs)
    const failed = (error: Error): void => {
      clearTimeout(timer)
      callback(error, null)
    }
    socket.once('error', failed)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', failed)
      callback(null, socket)
    })
    return socket
  }
}

/** Passes all bytes that a socket receives from now on to a function, whoever opened the socket. */
export function readFrom(socket: Socket, onBytes: OnBytes): void {
  const reader = readers.get(socket)
  if (reader === undefined) socket.on('data', (bytes: Buffer) => onBytes(bytes, bytes.length))
  else reader.onBytes = onBytes
}

function ignore(): void {}
