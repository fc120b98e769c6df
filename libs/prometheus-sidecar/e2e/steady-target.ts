import { once } from 'node:events'
import { createServer, type Server } from 'node:http'

/**
 * A target whose counters count the milliseconds since its start, so that each value equals its time, no matter how
 * often and by whom it is scraped.
 */
export class SteadyTarget {
  readonly server: Server
  readonly startedMs = Date.now()

  private constructor() {
    this.server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8')
      response.end(this.#expose())
    })
  }

  static async start(): Promise<{ target: SteadyTarget; address: string }> {
    const target = new SteadyTarget()
    target.server.listen(0, '127.0.0.1')
    await once(target.server, 'listening')
    const address = target.server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return { target, address: `127.0.0.1:${address.port}` }
  }

  close(): void {
    this.server.close()
    this.server.closeAllConnections()
  }

  #expose(): string {
    const elapsedMs = Date.now() - this.startedMs
    const created = (this.startedMs / 1000).toFixed(3)
    return `# TYPE now_ms gauge
now_ms ${elapsedMs}
# TYPE untold_ms counter
untold_ms_total ${elapsedMs}
# TYPE told_ms counter
told_ms_total ${elapsedMs}
told_ms_created ${created}
# TYPE spent_ms histogram
spent_ms_bucket{le="1.0"} ${elapsedMs}
spent_ms_bucket{le="+Inf"} ${elapsedMs}
spent_ms_count ${elapsedMs}
spent_ms_sum ${elapsedMs}
# EOF
`
  }
}
