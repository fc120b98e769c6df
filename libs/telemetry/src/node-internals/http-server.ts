import { type Server, ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'

/**
 * Stops listening without ending a connection: `http.Server.close()` ends the idle ones, on which a client may just be sending a request.
 *
 * @returns resolves when no connection is left
 */
export function closeListener(server: Server): Promise<void> {
  return new Promise((resolve) => NetServer.prototype.close.call(server, () => resolve()))
}

/**
 * Adds `Connection: close` to the response that a connection is busy with, if its head has not been sent. Relies on the internal property
 * `_httpMessage` of its socket; if that changes, the client may send another request on the connection.
 */
export function announceClose(socket: Socket): void {
  if (!('_httpMessage' in socket)) return
  const response = socket._httpMessage
  if (response instanceof ServerResponse && !response.headersSent) response.setHeader('Connection', 'close')
}
