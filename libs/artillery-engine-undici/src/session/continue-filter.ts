import { Socket } from 'node:net'
import type { buildConnector } from 'undici'

/**
 * A connector whose HTTP/1.1 sockets drop each `100 Continue` that a server sends without having been asked: HTTP allows
 * it (RFC 9110, 15.2), Node's own client ignores it, but undici ends the connection.
 */
export function withoutContinue(connector: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connector(options, (...result) => {
      const [error, socket] = result
      if (error === null && socket instanceof Socket && !isHttp2(socket)) dropContinue(socket)
      callback(...result)
    })
}

const HEAD_END = Buffer.from('\r\n\r\n')
const LONGEST_HEAD_BYTES = 16_384
/** `HTTP/1.1 100` and what has to follow: a space, or the end of the line. */
const STATUS_LINE = /^HTTP\/1\.[01] 100[ \r]/
const STATUS_LINE_BYTES = 13

function isHttp2(socket: Socket): boolean {
  return 'alpnProtocol' in socket && socket.alpnProtocol === 'h2'
}

/** Replaces `socket.read`, which undici calls for each chunk. A chunk that begins no response is returned unchanged. */
function dropContinue(socket: Socket): void {
  const read = socket.read.bind(socket)
  let writtenBefore = -1
  let headIsDue = false
  let held: Buffer | undefined

  const next = (): Buffer | null => {
    const chunk: unknown = read()
    if (!Buffer.isBuffer(chunk)) return null
    if (held === undefined) return chunk
    const whole = Buffer.concat([held, chunk])
    held = undefined
    return whole
  }

  socket.read = () => {
    for (;;) {
      let chunk = next()
      if (chunk === null) return null
      // A response begins with the first chunk after something was written: requests are not pipelined.
      const written = socket.bytesWritten
      if (written !== writtenBefore) headIsDue = true
      writtenBefore = written
      if (!headIsDue) return chunk
      while (isContinue(chunk)) {
        const end = chunk.indexOf(HEAD_END)
        if (end === -1) break
        chunk = chunk.subarray(end + HEAD_END.length)
      }
      if (chunk.length > 0 && !mayBecomeContinue(chunk)) {
        headIsDue = false
        return chunk
      }
      held = chunk.length > 0 ? chunk : undefined
    }
  }
}

function isContinue(chunk: Buffer): boolean {
  return chunk.length >= STATUS_LINE_BYTES && STATUS_LINE.test(chunk.toString('latin1', 0, STATUS_LINE_BYTES))
}

/** True for the beginning of a `100 Continue` whose rest is still to come. */
function mayBecomeContinue(chunk: Buffer): boolean {
  if (chunk.length >= STATUS_LINE_BYTES) return chunk.length < LONGEST_HEAD_BYTES && isContinue(chunk)
  const head = chunk.toString('latin1')
  return ['HTTP/1.1 100 ', 'HTTP/1.0 100 ', 'HTTP/1.1 100\r', 'HTTP/1.0 100\r'].some((line) => line.startsWith(head))
}
