import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http'
import type { Server, Socket } from 'node:net'
import { pendingResponse } from '../node-internals/http-server.ts'
import { requestBeingRead, watchConnections } from './abandoned-requests.ts'
import { watchResponses, watchUnrecorded } from './request/in-flight-request.ts'
import type { RequestRecorder } from './request-recorder.ts'

/**
 * Also records what `server` does without calling a router: requests whose connection closes before their response,
 * responses to requests that never started, such as those with a target that can't be decoded, and requests that Node
 * can't parse.
 */
export function recordServer(server: Server, recorder: RequestRecorder): void {
  watchResponses()
  watchConnections(server)
  refuseTunnels(server, recorder)
  watchUnrecorded(server, (request, response) => recorder.recordAnswered(request, response))
  // Before the listener that responds and closes the connection.
  server.prependListener('clientError', (error: Error & { readonly code?: string }, socket: Socket) => {
    const status = statusOf(error.code)
    // Clients that leave, and connections that were opened early and never used, have sent no request.
    if (error.code !== 'ECONNRESET' && !socket.destroyed && socket.bytesRead > 0) {
      const inFlight = requestBeingRead(socket)
      if (inFlight === undefined) recorder.recordMalformed(status, error.code ?? error.message, socket)
      else if (!inFlight.response.headersSent) inFlight.endUnread(status)
    }
    if (server.listenerCount('clientError') === 1) refuse(socket, status, error)
  })
}

const NO_TUNNELS = 501

/** Node silently drops a CONNECT request if nothing listens for it. */
function refuseTunnels(server: Server, recorder: RequestRecorder): void {
  server.on('connect', (request: IncomingMessage, to: Socket | ServerResponse) => {
    if (server.listenerCount('connect') > 1) return
    if ('setHeader' in to) {
      to.statusCode = NO_TUNNELS
      recorder.recordAnswered(request, to)
      to.end()
      return
    }
    const response = new ServerResponse(request)
    response.statusCode = NO_TUNNELS
    recorder.recordAnswered(request, response)
    to.end(`HTTP/1.1 ${NO_TUNNELS} ${STATUS_CODES[NO_TUNNELS]}\r\nConnection: close\r\n\r\n`)
  })
}

/** What Node does if nothing listens. */
function refuse(socket: Socket, status: number, error: Error): void {
  const response = pendingResponse(socket)
  if (socket.writable && !(response?.headersSent ?? false))
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`)
  socket.destroy(error)
}

/** The status with which Node and Fastify respond to a request that they can't parse. */
function statusOf(code: string | undefined): number {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408
  return code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)/i

/**
 * Converts a target in absolute form, as proxies send it, to the origin form that routers know, and sets the host that
 * it names: https://www.rfc-editor.org/rfc/rfc9112.html#section-3.2.2.
 */
export function toOriginForm(request: IncomingMessage): void {
  const { url = '' } = request
  // A slash, as in almost all requests.
  if (url.charCodeAt(0) === 0x2f) return
  const [origin, host] = ABSOLUTE.exec(url) ?? []
  if (origin === undefined || host === undefined) return
  const rest = url.slice(origin.length)
  request.url = rest.startsWith('/') ? rest : `/${rest}`
  request.headers.host = host.slice(host.lastIndexOf('@') + 1)
}
