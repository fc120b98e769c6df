import { type Dispatcher, ProxyAgent } from 'undici'
import type { Exchange } from '../response/exchange.ts'
import type { OutgoingRequest, Sender } from './sender.ts'

/** Sends requests through a proxy, in tunnels, by undici. */
export class ProxySender implements Sender {
  readonly #agent: ProxyAgent

  constructor(options: {
    readonly uri: string
    readonly requestTls: NonNullable<ProxyAgent.Options['requestTls']>
    readonly connections: number
    readonly timeoutMs: number
  }) {
    const { uri, requestTls, connections, timeoutMs } = options
    const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }
    this.#agent = new ProxyAgent({ uri, requestTls, connections, proxyTunnel: true, ...timeouts })
  }

  dispatch(request: OutgoingRequest, exchange: Exchange): void {
    const { origin, path, method, headers, moreHeaders, body, timeoutMs } = request
    const options: Dispatcher.DispatchOptions = {
      ...{ origin, path, method },
      headers: [...headers, ...moreHeaders],
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      ...(body !== undefined && { body }),
    }
    this.#agent.dispatch(options, exchange)
  }

  close(): void {
    void this.#agent.close()
  }

  async destroy(): Promise<void> {
    await this.#agent.destroy()
  }
}
