import { freePort, PinnedProcess, processors } from '@node-to-cloud/bench'
import { load } from './http-load.ts'

/** What a server did under load. */
export interface Work {
  readonly requests: number
  readonly cpuSeconds: number
}

/** A server in a process of its own, and how many requests it answers per CPU time. */
export class ServerUnderTest {
  readonly #process: PinnedProcess
  readonly #url: string
  #answered = 0

  private constructor(process: PinnedProcess, url: string) {
    this.#process = process
    this.#url = url
  }

  /** Starts `command`, which listens on 127.0.0.1 at the environment's PORT. */
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

  /** Loads it for some seconds; returns the number of its responses, and the CPU time for them. */
  async loadFor(seconds: number): Promise<Work> {
    const before = this.#process.cpuSeconds()
    const requests = await load(this.#url, seconds)
    this.#answered += requests
    return { requests, cpuSeconds: this.#process.cpuSeconds() - before }
  }

  /** The requests that it has answered under load. */
  get answered(): number {
    return this.#answered
  }

  /** Stops it. */
  stop(): Promise<void> {
    return this.#process.stop()
  }
}
