import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { type MasterMessage, maximumMessageBytes, type WorkerMessage } from '../protocol/messages.ts'
import { parseWorkerMessage } from '../protocol/parse-message.ts'
import { WebSocketChannel } from '../protocol/websocket-channel.ts'
import type { Master } from '../run/master.ts'
import { isToken } from '../security/token.ts'

export const workerPath = '/workers'
export interface WorkerEndpointOptions {
  readonly token: string
  /** How long a connection may take to say who it is; default 10 s. */
  readonly helloDeadlineMs?: number
  /** Connections at once; default 1000. */
  readonly maximumConnections?: number
}

/** Takes workers' WebSockets at {@link workerPath}: those that bring the token, and none of a browser. */
export function attachWorkerEndpoint(server: Server, master: Master, options: WorkerEndpointOptions): void {
  const { token, helloDeadlineMs = 10_000, maximumConnections = 1000 } = options
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maximumMessageBytes, perMessageDeflate: false })
  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', () => socket.destroy())
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (request.url !== workerPath) refuse(socket, '404 Not Found')
    else if (request.headers.origin !== undefined) refuse(socket, '403 Forbidden')
    else if (!isToken(bearer, token)) refuse(socket, '401 Unauthorized')
    else if (sockets.clients.size >= maximumConnections) refuse(socket, '503 Service Unavailable')
    else {
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const deadline = setTimeout(() => webSocket.close(1008, 'no hello came in time'), helloDeadlineMs)
        deadline.unref()
        webSocket.once('message', () => clearTimeout(deadline))
        webSocket.once('close', () => clearTimeout(deadline))
        master.connect(new WebSocketChannel<MasterMessage, WorkerMessage>(webSocket, parseWorkerMessage))
      })
    }
  })
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
