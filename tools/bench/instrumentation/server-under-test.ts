import { freePort, PinnedProcess, processors } from '../src/index.ts'
import { load } from './http-load.ts'

const warmUpSeconds = 5
/** V8 throws compiled code away in a process that has had no load for some seconds; after this time it has it again. */
const wakeUpSeconds = 3
const loadSeconds = 1

/** A server in a process of its own, and what it answers for its CPU time. */
export class ServerUnderTest {
  readonly #process: PinnedProcess
  readonly #url: string
  #answered = 0

  private constructor(process: PinnedProcess, url: string) {
    this.#process = process
    this.#url = url
  }

  /** Starts `command`, which listens to 127.0.0.1 at the environment's PORT. */
  static async start(
    command: (port: number) => readonly [string, ...string[]],
    options: { readonly env: Readonly<Record<string, string>>; readonly cwd?: string },
  ): Promise<ServerUnderTest> {
    const port = await freePort()
    const process = new PinnedProcess(command(port), {
      ...options,
      processor: processors.underTest,
      env: { ...options.env, PORT: String(port) },
    })
    const url = `http://127.0.0.1:${port}/`
    try {
      await process.answers(url)
    } catch (error) {
      await process.stop()
      throw error
    }
    return new ServerUnderTest(process, url)
  }

  /** Loads it until its code is compiled, which counts nowhere. */
  async warmUp({ hasRun }: { readonly hasRun: boolean }): Promise<void> {
    this.#answered += await load(this.#url, hasRun ? wakeUpSeconds : warmUpSeconds)
  }

  /** Loads it for a second, and gives the requests that it answered for each second of its CPU time. */
  async requestsPerCpuSecond(): Promise<number> {
    const before = this.#process.cpuSeconds()
    const requests = await load(this.#url, loadSeconds)
    this.#answered += requests
    return requests / (this.#process.cpuSeconds() - before)
  }

  /** The requests that it has answered under load. */
  get answered(): number {
    return this.#answered
  }

  /** Ends it. */
  stop(): Promise<void> {
    return this.#process.stop()
  }
}
