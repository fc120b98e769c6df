import type { ServerUnderTest } from './server-under-test.ts'

/** The processes of a group. */
const SIZE = 3

/** Several processes of one server that stay up, measured in turn, since two processes of one program differ by some per cent. */
export class ServerGroup {
  readonly #start: () => Promise<ServerUnderTest>
  readonly #servers: ServerUnderTest[] = []
  #started: Promise<void> | undefined
  #measured = 0

  /** @param start - starts one process; called when the group is measured for the first time */
  constructor(start: () => Promise<ServerUnderTest>) {
    this.#start = start
  }

  /** Loads the next process; gives the requests that it answered for each second of its CPU time. */
  async requestsPerCpuSecond(): Promise<number> {
    this.#started ??= this.#startAll()
    await this.#started
    const server = this.#servers[this.#measured++ % SIZE]
    if (server === undefined) throw new RangeError('a group has a server')
    await server.warmUp({ hasRun: true })
    return server.requestsPerCpuSecond()
  }

  async #startAll(): Promise<void> {
    while (this.#servers.length < SIZE) {
      const server = await this.#start()
      this.#servers.push(server)
      await server.warmUp({ hasRun: false })
    }
  }

  /** Ends them. */
  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()))
  }
}
