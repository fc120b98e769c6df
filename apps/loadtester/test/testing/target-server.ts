import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A target that counts the requests that reach it. */
export class TargetServer {
  readonly url: string
  requests = 0
  /** When the last request came, by `performance.now()`. */
  lastAt = 0
  readonly traceparents: string[] = []
  readonly #server: Server

  static async start(answer?: RequestListener): Promise<TargetServer> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new TargetServer(server, answer)
  }

  private constructor(server: Server, answer: RequestListener = (_request, response) => response.end('Hello World!')) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (request, response) => {
      this.requests++
      this.lastAt = performance.now()
      const traceparent = request.headers.traceparent
      if (typeof traceparent === 'string' && this.traceparents.length < 1000) this.traceparents.push(traceparent)
      answer(request, response)
    })
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
