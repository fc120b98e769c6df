import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http'
import type { Server, Socket } from 'node:net'
import { pendingResponse } from '../node-internals/http-server.ts'
import { requestBeingRead, watchConnections } from './abandoned-requests.ts'
import { watchAnswers, watchUnrecorded } from './request/in-flight-request.ts'
import type { RequestRecorder } from './request-recorder.ts'

/**
 * From now on what `server` does without asking a router is recorded too: requests whose connection closes before their answer, answers to requests that
 * never began, such as a target that can't be decoded, and requests that Node can't read.
 */
export function recordServer(server: Server, recorder: RequestRecorder): void {
  watchAnswers()
  watchConnections(server)
  refuseTunnels(server, recorder)
  watchUnrecorded(server, (request, response) => recorder.recordAnswered(request, response))
  // Before the listener that answers and closes the connection.
  server.prependListener('clientError', (error: Error & { readonly code?: string }, socket: Socket) => {
    const status = statusOf(error.code)
    // Clients that leave, and connections that were opened ahead and never used, have sent no request.
    if (error.code !== 'ECONNRESET' && !socket.destroyed && socket.bytesRead > 0) {
      const inFlight = requestBeingRead(socket)
      if (inFlight === undefined) recorder.recordMalformed(status, error.code ?? error.message, socket)
      else if (!inFlight.response.headersSent) inFlight.endUnread(status)
    }
    if (server.listenerCount('clientError') === 1) refuse(socket, status, error)
  })
}

const NO_TUNNELS = 501

/** Node silently drops a client that asks for a tunnel if there is no listener for that. */
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

/** What Node does where nobody listens. */
function refuse(socket: Socket, status: number, error: Error): void {
  const response = pendingResponse(socket)
  if (socket.writable && !(response?.headersSent ?? false))
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`)
  socket.destroy(error)
}

/** What Node and Fastify answer a request with that they can't read. */
function statusOf(code: string | undefined): number {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408
  return code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)/i

/**
 * Gives a request with a target in absolute form, as proxies send it, the origin form that routers know, and the host that it names:
 * https://www.rfc-editor.org/rfc/rfc9112.html#section-3.2.2.
 */
export function toOriginForm(request: IncomingMessage): void {
  const { url = '' } = request
  // A slash, as of almost all requests.
  if (url.charCodeAt(0) === 0x2f) return
  const [origin, host] = ABSOLUTE.exec(url) ?? []
  if (origin === undefined || host === undefined) return
  const rest = url.slice(origin.length)
  request.url = rest.startsWith('/') ? rest : `/${rest}`
  request.headers.host = host.slice(host.lastIndexOf('@') + 1)
}
