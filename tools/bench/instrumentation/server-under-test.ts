import { freePort, PinnedProcess, processors } from '../src/index.ts'
import { load } from './http-load.ts'

const warmUpSeconds = 4
/** In a process that has had no load for some seconds, V8 collects what the compiled code holds on to, and has to compile it again. */
const wakeUpSeconds = 1
const loadSeconds = 1

/** A server that stays up from its first measurement to the last, so that each measurement finds its code compiled; without load it costs nothing. */
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

  /** Loads it until its code is compiled. */
  async warmUp(): Promise<void> {
    this.#answered += await load(this.#url, warmUpSeconds)
  }

  /** Loads it for a second that does not count and one that does, and gives the requests that it answered for each second of its CPU time in that one. */
  async requestsPerCpuSecond(): Promise<number> {
    this.#answered += await load(this.#url, wakeUpSeconds)
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
