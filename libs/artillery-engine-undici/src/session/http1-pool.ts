import type { Exchange } from '../response/exchange.ts'
import type { Http1Client } from './http1-client.ts'
import type { OutgoingRequest, Sender } from './sender.ts'

/**
 * Up to `connections` connections to an origin over HTTP/1.1; requests wait for one that is free in the order they
 * came.
 */
export class Http1Pool implements Sender {
  readonly #open: (onFree: () => void) => Http1Client
  readonly #maximum: number
  readonly #clients: Http1Client[] = []
  readonly #idle = new Set<Http1Client>()
  readonly #waiting: { request: OutgoingRequest; exchange: Exchange }[] = []

  /** @param open opens a client */
  constructor(connections: number, open: (onFree: () => void) => Http1Client) {
    this.#open = open
    this.#maximum = connections
  }

  dispatch(request: OutgoingRequest, exchange: Exchange): void {
    const client = this.#free()
    if (client === undefined) this.#waiting.push({ request, exchange })
    else client.dispatch(request, exchange)
  }

  close(): void {
    for (const client of this.#clients) client.close()
  }

  async destroy(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.destroy()))
  }

  #free(): Http1Client | undefined {
    for (const client of this.#idle) {
      this.#idle.delete(client)
      return client
    }
    if (this.#clients.length >= this.#maximum) return undefined
    const opened: Http1Client = this.#open(() => this.#dispatchNext(opened))
    this.#clients.push(opened)
    return opened
  }

  #dispatchNext(client: Http1Client): void {
    let next = this.#waiting.shift()
    while (next?.exchange.isOver === true) next = this.#waiting.shift()
    if (next === undefined) this.#idle.add(client)
    else client.dispatch(next.request, next.exchange)
  }
}
