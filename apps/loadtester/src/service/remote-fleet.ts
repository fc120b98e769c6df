import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Master } from '../run/master.ts'
import { attachWorkerEndpoint } from '../web/worker-endpoint.ts'

export interface RemoteFleetOptions {
  readonly host: string
  readonly port: number
  /** What workers must show. */
  readonly token: string
}

/** Workers on other machines, which connect to this process: it serves nothing but their endpoint. */
export class RemoteFleet {
  readonly #master: Master
  readonly #server: Server

  /** @throws Error if the address can't be listened on. */
  static async open(master: Master, { host, port, token }: RemoteFleetOptions): Promise<RemoteFleet> {
    const server = createServer((_request, response) => response.writeHead(404).end())
    attachWorkerEndpoint(server, master.fleet, { token })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
    return new RemoteFleet(master, server)
  }

  private constructor(master: Master, server: Server) {
    this.#master = master
    this.#server = server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Stops the live run, and tells the workers that the master is shutting down. */
  async close(): Promise<void> {
    await this.#master.stop('the load tester is shutting down')
    this.#master.close()
    await new Promise((resolve) => {
      this.#server.close(resolve)
      this.#server.closeIdleConnections()
    })
  }
}
