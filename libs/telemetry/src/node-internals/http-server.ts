import { ServerResponse } from 'node:http'
import { Server, type Socket } from 'node:net'

/**
 * Stops listening without closing connections: the `close()` of HTTP servers closes idle ones, on which a client may be
 * about to send a request.
 *
 * @returns resolves when no connection is left
 */
export function closeListener(server: Server): Promise<void> {
  return new Promise((resolve) => Server.prototype.close.call(server, () => resolve()))
}

/**
 * The response that a connection is busy with, from when the headers of its request have arrived until it has been
 * sent. Relies on the internal property `_httpMessage` of its socket; if that changes, no connection seems busy.
 */
export function pendingResponse(socket: Socket): ServerResponse | undefined {
  if (!('_httpMessage' in socket)) return undefined
  return socket._httpMessage instanceof ServerResponse ? socket._httpMessage : undefined
}

/** The media type of server-sent events. */
export const EVENT_STREAM = 'text/event-stream'

const EVENT_STREAM_HEADER = new RegExp(`\\r\\ncontent-type: *${EVENT_STREAM}`, 'i')

/**
 * Whether the headers of a response that has been sent are those of server-sent events. Relies on its internal property
 * `_header`, since Node does not keep the headers passed to `writeHead`; if that changes, no response seems to be one.
 */
export function isEventStream(response: ServerResponse): boolean {
  return '_header' in response && typeof response._header === 'string' && EVENT_STREAM_HEADER.test(response._header)
}

/** Adds `Connection: close` to the response that a connection is busy with, unless its headers have been sent. */
export function announceClose(socket: Socket): void {
  const response = pendingResponse(socket)
  if (response !== undefined && !response.headersSent) response.setHeader('Connection', 'close')
}

/**
 * Whether a connection has been upgraded, for example to a WebSocket, and is no longer HTTP. Relies on the internal
 * property `parser` of its socket, which Node then sets to `null`; if that changes, upgraded connections seem idle.
 */
export function isUpgraded(socket: Socket): boolean {
  return 'parser' in socket && socket.parser === null
}
