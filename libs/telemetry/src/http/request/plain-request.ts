import type { IncomingMessage } from 'node:http'
import type { RecordedRequest } from './recorded-request.ts'

const NO_CONFIG = {}

/** A request of a plain `http.Server`, as it is recorded. Frameworks may add what only they know. */
export class PlainRequest implements RecordedRequest {
  readonly raw: IncomingMessage
  /** As it arrived: routers such as Express' remove the path at which they are mounted. */
  readonly url: string
  readonly isRoutedLater = true
  readonly #routeOf: (request: IncomingMessage) => string | undefined

  /** @param routeOf returns the route once the request has been answered */
  constructor(raw: IncomingMessage, routeOf: (request: IncomingMessage) => string | undefined = () => undefined) {
    this.raw = raw
    this.url = raw.url ?? ''
    this.#routeOf = routeOf
  }

  get method(): string {
    return this.raw.method ?? ''
  }

  get headers(): IncomingMessage['headers'] {
    return this.raw.headers
  }

  /** Express has it too, and determines it behind the proxies that it trusts. */
  get ip(): string | undefined {
    const { raw } = this
    return 'ip' in raw && typeof raw.ip === 'string' ? raw.ip : raw.socket.remoteAddress
  }

  get protocol(): string {
    return 'encrypted' in this.raw.socket ? 'https' : 'http'
  }

  get host(): string {
    return this.raw.headers.host ?? ''
  }

  get routeOptions(): RecordedRequest['routeOptions'] {
    return { url: this.#routeOf(this.raw), config: NO_CONFIG }
  }
}
