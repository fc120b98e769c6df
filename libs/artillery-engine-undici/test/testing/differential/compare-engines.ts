import type { EngineHelpers, ScenarioSpec } from '../../../src/artillery/contract.ts'
import { UndiciEngine } from '../../../src/engine.ts'
import { type EngineClass, loadArtilleryCore, withRandom } from '../artillery-core.ts'
import { type RecordedRequest, RecordingServer } from '../recording-server.ts'
import { runScenario, type ScenarioResult } from '../run-scenario.ts'

/** A script of one scenario that is run by both engines. */
export interface Case {
  name: string
  flow: ScenarioSpec['flow']
  scenario?: Record<string, unknown>
  config?: Record<string, unknown>
  /** Called for each engine. */
  processor?: () => Record<string, unknown>
  vars?: Record<string, unknown>
  /** Every random number that the engines draw, from 0 to 1; chance decides if it is not set. */
  random?: number
}

/** What a run of a case sent, counted and left in the variables. */
export interface Run extends ScenarioResult {
  /** Bytes of response bodies the server has sent. */
  sentBytes: number
  requests: RecordedRequest[]
}

/** Artillery's own HTTP engine and this one, and the server that both send to. */
export class EngineComparison implements AsyncDisposable {
  readonly server: RecordingServer
  readonly #httpEngine: EngineClass
  readonly #helpers: EngineHelpers

  private constructor(server: RecordingServer, httpEngine: EngineClass, helpers: EngineHelpers) {
    this.server = server
    this.#httpEngine = httpEngine
    this.#helpers = helpers
  }

  /** @param tls the key and the certificate of a server that offers HTTP/2; default: plain HTTP/1.1 */
  static async start(tls?: { readonly key: string; readonly cert: string }): Promise<EngineComparison> {
    const { HttpEngine, helpers } = await loadArtilleryCore()
    return new EngineComparison(await RecordingServer.start(tls), HttpEngine, helpers)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
  }

  /** Runs a case by Artillery's own engine. */
  theirs(item: Case): Promise<Run> {
    return withRandom(item.random, () => this.#run(this.#httpEngine, item))
  }

  /** Runs a case by this engine. */
  ours(item: Case): Promise<Run> {
    return withRandom(item.random, () => this.#run(UndiciEngine, item))
  }

  async #run(EngineUnderTest: EngineClass, { flow, scenario, config, processor, vars }: Case): Promise<Run> {
    const { server } = this
    const { http, targetPath, ...rest } = config ?? {}
    server.requests = []
    const sentBefore = server.bodyBytes
    const result = await runScenario(
      EngineUnderTest,
      {
        config: {
          target: server.origin + (targetPath ?? ''),
          http: structuredClone({ distributedTracing: false, ...Object(http) }),
          ...structuredClone(rest),
          ...(processor !== undefined && { processor: processor() }),
        },
        scenario: { ...structuredClone(scenario ?? {}), flow: structuredClone(flow) },
        vars: {
          ...structuredClone({ user: 'ann', id: 7, list: ['x', 'y', 'z'], ...vars }),
          host: new URL(server.origin).host,
        },
      },
      this.#helpers,
    )
    return { ...result, requests: server.requests, sentBytes: server.bodyBytes - sentBefore }
  }
}

/** The random part of a multipart body. */
const BOUNDARY = /-{26}[0-9a-f]{24}/g

/** What must be equal, in a form whose diff is easy to read. */
export function comparable({ requests, counters, rates, histograms, vars, error }: Run): object {
  return {
    requests: requests.map(({ method, url, headers, body }) => {
      const { connection: _connection, ...compared } = headers
      const text = JSON.stringify({ headers: Object.entries(compared).sort(), body })
      return `${method} ${url} ${text.replaceAll(BOUNDARY, 'BOUNDARY')}`
    }),
    counters: Object.fromEntries(Object.entries(counters).filter(([name]) => name !== 'http.downloaded_bytes')),
    rates,
    responseTimes: Object.fromEntries(
      ['http.response_time', ...['2xx', '3xx', '4xx', '5xx'].map((status) => `http.response_time.${status}`)].map(
        (name) => [name, histograms[name]?.length ?? 0],
      ),
    ),
    vars,
    failed: error !== undefined,
  }
}

/** The errors that a run counted. */
export function errorsOf({ counters }: Run): string[] {
  return Object.keys(counters)
    .filter((name) => name.startsWith('errors.'))
    .map((name) => name.slice('errors.'.length))
}
