import type { WebSocket } from 'ws'
import type { Channel } from './channel.ts'

/** How much may wait to be sent before a peer that does not read is given up. */
const maximumBufferedBytes = 64 * 1024 * 1024

/** One end of a connection over a WebSocket; messages are JSON texts. A message that can't be read ends the connection. */
export class WebSocketChannel<Sent, Received> implements Channel<Sent, Received> {
  readonly #socket: WebSocket
  readonly #parse: (data: string) => Received
  #listener: ((message: Received) => void) | undefined
  #waiting: Received[] = []
  #closeListener: ((reason: string) => void) | undefined
  #closed: string | undefined

  constructor(socket: WebSocket, parse: (data: string) => Received) {
    this.#socket = socket
    this.#parse = parse
    socket.on('message', (data) => this.#take(String(data)))
    socket.on('error', (error) => this.close(error.message))
    socket.on('close', (_code, reason) => this.#end(reason.length > 0 ? String(reason) : 'the connection ended'))
  }

  send(message: Sent): void {
    if (this.#closed !== undefined) return
    if (this.#socket.bufferedAmount > maximumBufferedBytes) {
      this.close('the peer does not read')
      return
    }
    this.#socket.send(JSON.stringify(message), () => {})
  }

  onMessage(listener: (message: Received) => void): void {
    this.#listener = listener
    for (const message of this.#waiting.splice(0)) this.#deliver(message)
  }

  onClose(listener: (reason: string) => void): void {
    this.#closeListener = listener
    if (this.#closed !== undefined) listener(this.#closed)
  }

  close(reason: string): void {
    if (this.#closed !== undefined) return
    this.#socket.close(1000, reason.slice(0, 120))
    const timer = setTimeout(() => this.#socket.terminate(), 500)
    timer.unref()
    this.#end(reason)
  }

  #take(data: string): void {
    if (this.#closed !== undefined) return
    try {
      const message = this.#parse(data)
      if (this.#listener === undefined) this.#waiting.push(message)
      else this.#deliver(message)
    } catch (error) {
      this.close(error instanceof Error ? error.message : String(error))
    }
  }

  #deliver(message: Received): void {
    try {
      this.#listener?.(message)
    } catch (error) {
      this.close(`a message can't be taken: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  #end(reason: string): void {
    if (this.#closed !== undefined) return
    this.#closed = reason
    this.#closeListener?.(reason)
  }
}
