import { messageOf } from '@node-to-cloud/command-line'
import type { WebSocket } from 'ws'
import { ChannelEnd } from './channel.ts'

/** How much may wait to be sent before a peer that does not read is disconnected. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024
const CLOSE_TIMEOUT_MS = 500
/** A close frame has room for 123 bytes. */
const MAX_REASON_LENGTH = 120

/** How messages look on the wire. */
export interface WireFormat<Sent, Received> {
  encode(message: Sent): string
  /** @throws ProtocolError */
  parse(text: string): Received
}

/** One end of a connection over a WebSocket. A message that can't be parsed or handled ends it. */
export class WebSocketChannel<Sent, Received> extends ChannelEnd<Sent, Received> {
  readonly #socket: WebSocket
  readonly #format: WireFormat<Sent, Received>

  constructor(socket: WebSocket, format: WireFormat<Sent, Received>) {
    super()
    this.#socket = socket
    this.#format = format
    socket.on('message', (data) => this.#take(String(data)))
    socket.on('error', (error) => this.close(error.message))
    socket.on('close', (_code, reason) => this.end(reason.length > 0 ? String(reason) : 'the connection ended'))
  }

  send(message: Sent): void {
    if (this.isClosed) return
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) this.close('the peer does not read')
    else this.#socket.send(this.#format.encode(message), () => {})
  }

  close(reason: string): void {
    if (this.isClosed) return
    this.#socket.close(1000, reason.slice(0, MAX_REASON_LENGTH))
    setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS).unref()
    this.end(reason)
  }

  #take(text: string): void {
    if (this.isClosed) return
    try {
      this.receive(this.#format.parse(text))
    } catch (error) {
      this.close(messageOf(error))
    }
  }
}
