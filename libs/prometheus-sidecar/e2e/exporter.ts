import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { SeededRandom } from '../test/testing/seeded-random.ts'

const BOUNDS = [0.1, 0.5, 1, 2.5]

/**
 * A target whose counters grow at random and occasionally reset, like those of a restarting process: metrics of all
 * types, with and without `_created`, and series that come and go.
 */
export class Exporter {
  readonly #random: SeededRandom
  readonly server: Server
  #startedMs = Date.now()
  #scrapes = 0
  #counters = new Map<string, number>()
  #histograms = new Map<string, { counts: number[]; sum: number }>()

  private constructor(random: SeededRandom) {
    this.#random = random
    this.server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8')
      response.end(this.#expose())
    })
  }

  static async start(random: SeededRandom): Promise<{ exporter: Exporter; target: string }> {
    const exporter = new Exporter(random)
    exporter.server.listen(0, '127.0.0.1')
    await once(exporter.server, 'listening')
    const address = exporter.server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return { exporter, target: `127.0.0.1:${address.port}` }
  }

  /** Resets everything, like a process that restarts. */
  restart(): void {
    this.#startedMs = Date.now()
    this.#counters = new Map()
    this.#histograms = new Map()
  }

  #expose(): string {
    const random = this.#random
    this.#scrapes += 1
    if (this.#scrapes % 7 === 0) this.restart()
    const created = (this.#startedMs / 1000).toFixed(3)
    const lines: string[] = ['# TYPE jobs_done counter']
    for (const queue of ['a', 'b', 'c']) lines.push(`jobs_done_total{queue="${queue}"} ${this.#count(queue)}`)
    lines.push('# TYPE bytes_sent counter')
    lines.push(`bytes_sent_total ${this.#count('bytes')}`, `bytes_sent_created ${created}`)
    lines.push(
      '# TYPE queue_length gauge',
      `queue_length ${random.below(100)}`,
      `queue_length{queue="b"} ${random.next()}`,
    )
    if (this.#scrapes % 5 < 3) lines.push('# TYPE sometimes gauge', `sometimes ${this.#scrapes}`)
    lines.push('# TYPE not_a_number gauge', `not_a_number ${this.#scrapes % 2 === 0 ? 'NaN' : 1}`)
    lines.push('# TYPE anything unknown', `anything ${random.below(10)}`)
    lines.push('# TYPE rpc_seconds summary')
    lines.push(`rpc_seconds{quantile="0.5"} ${random.next()}`)
    lines.push(`rpc_seconds_sum ${this.#count('rpc sum')}`, `rpc_seconds_count ${this.#count('rpc count')}`)
    lines.push('# TYPE latency_seconds histogram')
    for (const path of ['/', '/a', '/b']) lines.push(...this.#histogram('latency_seconds', path))
    lines.push('# TYPE wait_seconds histogram')
    lines.push(...this.#histogram('wait_seconds', '/'), `wait_seconds_created{path="/"} ${created}`)
    return `${lines.join('\n')}\n# EOF\n`
  }

  #count(name: string): number {
    const count = (this.#counters.get(name) ?? 0) + this.#random.below(1000)
    this.#counters.set(name, count)
    return count
  }

  #histogram(name: string, path: string): string[] {
    const key = `${name}${path}`
    const state = this.#histograms.get(key) ?? { counts: [...BOUNDS, Number.POSITIVE_INFINITY].map(() => 0), sum: 0 }
    this.#histograms.set(key, state)
    let cumulated = 0
    const lines: string[] = []
    for (const [index, bound] of [...BOUNDS, Number.POSITIVE_INFINITY].entries()) {
      const observed = this.#random.below(20)
      state.counts[index] = (state.counts[index] ?? 0) + observed
      state.sum += observed * (Number.isFinite(bound) ? bound : 10)
      cumulated += state.counts[index] ?? 0
      lines.push(`${name}_bucket{path="${path}",le="${Number.isFinite(bound) ? bound : '+Inf'}"} ${cumulated}`)
    }
    return [...lines, `${name}_sum{path="${path}"} ${state.sum}`, `${name}_count{path="${path}"} ${cumulated}`]
  }
}
