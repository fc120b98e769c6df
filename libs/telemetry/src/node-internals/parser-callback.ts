import { executionAsyncId } from 'node:async_hooks'
import type { Socket } from 'node:net'

const PARSER_ID: unique symbol = Symbol('the async id of the HTTP parser')

declare module 'node:net' {
  interface Socket {
    [PARSER_ID]?: number | undefined
  }
}

/**
 * Remembers the HTTP/1.1 parser of a connection for {@link isInParserCallback}; call this in the server's event for new
 * connections. Relies on the internal property `parser` of a socket, and on the method `getAsyncId` that parsers share
 * with Node's other asynchronous resources; if they change, no code seems to run in a callback of a parser.
 */
export function rememberParser(socket: Socket): void {
  const parser: unknown = 'parser' in socket ? socket.parser : undefined
  const hasId = typeof parser === 'object' && parser !== null && 'getAsyncId' in parser
  const id: unknown = hasId && typeof parser.getAsyncId === 'function' ? parser.getAsyncId() : undefined
  socket[PARSER_ID] = typeof id === 'number' ? id : undefined
}

/**
 * Whether this code runs synchronously in a callback of the connection's HTTP parser, as the listeners of a server's
 * `request` event do, and in no other asynchronous scope inside that. At the end of the callback Node restores what was
 * active before. False for requests that the parser has not received, such as those of `inject` and of HTTP/2.
 */
export function isInParserCallback(socket: Socket): boolean {
  return executionAsyncId() === socket[PARSER_ID]
}
