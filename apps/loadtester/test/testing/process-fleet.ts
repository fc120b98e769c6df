import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { freePort } from '@node-to-cloud/bench'
import type { StateView } from '../../src/contract/api.ts'
import type { RunReport } from '../../src/contract/run-report.ts'
import { eventually, LoadProcess } from './load-process.ts'
import { TargetServer } from './target-server.ts'

const TOKEN = 'token-of-a-test-0123456789'

/** A master, its workers and a target, each a process of its own. */
export class ProcessFleet {
  readonly processes: LoadProcess[] = []
  readonly #folder: string
  readonly #script: string
  #target: TargetServer | undefined
  #port = 0

  /** @param script its file's name in the folder. */
  constructor(folder: string, script: string) {
    this.#folder = folder
    this.#script = script
  }

  get target(): TargetServer {
    assert.ok(this.#target !== undefined, 'the fleet is started')
    return this.#target
  }

  /** Starts the target, and chooses a port for masters. */
  async open(answer?: RequestListener): Promise<void> {
    this.#target = await TargetServer.start(answer)
    this.#port = await freePort()
  }

  /** Starts target, master and workers. */
  async start(
    workers: number,
    environment: Record<string, string> = {},
    answer?: RequestListener,
  ): Promise<{ master: LoadProcess; workers: LoadProcess[] }> {
    await this.open(answer)
    const master = this.startMaster(environment)
    const all = Array.from({ length: workers }, (_, index) => this.startWorker(`worker-${index + 1}`))
    const haveJoined = async (): Promise<boolean> => (await this.state())?.workers.length === workers
    await eventually(haveJoined, 'all workers join', 240_000)
    return { master, workers: all }
  }

  startMaster(environment: Record<string, string> = {}): LoadProcess {
    return this.#spawn(['master'], { PORT: String(this.#port), ...environment })
  }

  startWorker(name: string, environment: Record<string, string> = {}): LoadProcess {
    return this.#spawn(['worker', '--master', `http://127.0.0.1:${this.#port}`], {
      LOAD_WORKER_NAME: name,
      LOAD_WEIGHT: '1',
      ...environment,
    })
  }

  async ask(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    return fetch(`http://127.0.0.1:${this.#port}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  /** Undefined while no master answers. */
  async state(): Promise<StateView | undefined> {
    try {
      return (await (await this.ask('GET', '/api/state')).json()) as StateView
    } catch {
      return undefined
    }
  }

  async run(): Promise<RunReport> {
    const current = (await this.state())?.run
    assert.ok(current !== undefined, 'there is a run')
    return current
  }

  /** Ends all processes and the target. */
  async close(): Promise<void> {
    await Promise.all(this.processes.splice(0).map((process) => process.dispose()))
    await this.#target?.close()
    this.#target = undefined
  }

  #spawn(args: readonly string[], environment: Record<string, string>): LoadProcess {
    const child = new LoadProcess(args, {
      TARGET_HOST: this.target.url,
      METRICS_PORT: '0',
      LOAD_TOKEN: TOKEN,
      LOAD_SCRIPT: join(this.#folder, this.#script),
      LOAD_STATE_DIR: join(this.#folder, `state-${this.#port}`),
      ...environment,
    })
    this.processes.push(child)
    return child
  }
}
