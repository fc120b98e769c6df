import type { Exchange } from '../response/exchange.ts'
import { Http2Client, type Http2ClientOptions } from './http2-client.ts'
import type { OutgoingRequest, Sender } from './sender.ts'

/** Up to `connections` connections to an origin over HTTP/2. A request takes the one with the fewest in flight. */
export class Http2Pool implements Sender {
  readonly #open: () => Http2Client
  readonly #maximum: number
  readonly #clients: Http2Client[] = []

  constructor(origin: string, connections: number, options: Http2ClientOptions) {
    this.#open = () => new Http2Client(origin, options)
    this.#maximum = connections
  }

  dispatch(request: OutgoingRequest, exchange: Exchange): void {
    this.#leastBusy().dispatch(request, exchange)
  }

  close(): void {
    for (const client of this.#clients) client.close()
  }

  async destroy(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.destroy()))
  }

  #leastBusy(): Http2Client {
    let least: Http2Client | undefined
    for (const client of this.#clients) {
      if (client.size === 0) return client
      if (least === undefined || client.size < least.size) least = client
    }
    if (least !== undefined && this.#clients.length >= this.#maximum) return least
    const opened = this.#open()
    this.#clients.push(opened)
    return opened
  }
}
