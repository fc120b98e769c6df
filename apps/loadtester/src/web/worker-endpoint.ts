import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Fleet } from '../fleet/fleet.ts'
import { MAX_MESSAGE_BYTES } from '../protocol/messages.ts'
import { WebSocketChannel } from '../protocol/websocket-channel.ts'
import { masterWireFormat } from '../protocol/wire-format.ts'
import { Attempts } from '../security/attempts.ts'
import { isToken } from '../security/token.ts'
import { bearerOf } from './access-guard.ts'

export interface WorkerEndpointOptions {
  readonly token: string
  /** Counts wrong tokens; default: only those of this endpoint. */
  readonly attempts?: Attempts
  /** How long a connection may take to say who it is; default: 10 s. */
  readonly helloDeadlineMs?: number
  /** Concurrent connections; default: 1000. */
  readonly maximumConnections?: number
}

const WORKER_PATH = '/workers'

/** Accepts WebSocket connections of workers, which must send the token, and none from browsers. */
export function attachWorkerEndpoint(server: Server, fleet: Fleet, options: WorkerEndpointOptions): void {
  const { token, attempts = new Attempts(), helloDeadlineMs = 10_000, maximumConnections = 1000 } = options
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false })
  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', () => socket.destroy())
    const bearer = bearerOf(request.headers.authorization)
    if (request.url !== WORKER_PATH) refuse(socket, '404 Not Found')
    else if (request.headers.origin !== undefined) refuse(socket, '403 Forbidden')
    else if (!isToken(bearer, token))
      refuse(socket, bearer !== undefined && attempts.fail() ? '429 Too Many Requests' : '401 Unauthorized')
    else if (sockets.clients.size >= maximumConnections) refuse(socket, '503 Service Unavailable')
    else {
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const deadline = setTimeout(() => webSocket.close(1008, 'no hello came in time'), helloDeadlineMs).unref()
        webSocket.once('message', () => clearTimeout(deadline))
        webSocket.once('close', () => clearTimeout(deadline))
        fleet.connect(new WebSocketChannel(webSocket, masterWireFormat))
      })
    }
  })
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
