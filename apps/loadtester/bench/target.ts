import { freePort, PinnedProcess, processors } from '@node-to-cloud/bench'
import { benchFile, node } from './commands.ts'

const slotMs = 10

/** How many requests a target had in each moment. */
export class Arrivals {
  readonly #slots: ReadonlyMap<number, number>

  constructor(slots: readonly (readonly [number, number])[]) {
    this.#slots = new Map(slots)
  }

  /** Requests a second between two times, in ms since the epoch. */
  rate(fromMs: number, toMs: number): number {
    let requests = 0
    for (let slot = Math.floor(fromMs / slotMs); slot < Math.floor(toMs / slotMs); slot++)
      requests += this.#slots.get(slot) ?? 0
    return (requests * 1000) / (toMs - fromMs)
  }

  /** When the newest request came, in ms since the epoch, by 10 ms; 0 where there was none. */
  get lastMs(): number {
    return Math.max(-1, ...this.#slots.keys()) * slotMs + slotMs
  }
}

/** The server that load is made against, on a processor of its own where there are two. */
export class Target {
  readonly url: string
  readonly #process: PinnedProcess

  private constructor(url: string, process: PinnedProcess) {
    this.url = url
    this.#process = process
  }

  static async start(): Promise<Target> {
    const port = await freePort()
    const target = new Target(
      `http://127.0.0.1:${port}`,
      new PinnedProcess([...node, benchFile('hello-server.ts'), String(port)], { processor: processors.load }),
    )
    await target.#process.answers(`${target.url}/count`)
    return target
  }

  /** Requests so far. */
  async count(): Promise<number> {
    return Number(await (await fetch(`${this.url}/count`)).text())
  }

  /** When the requests of the last minute came. */
  async arrivals(): Promise<Arrivals> {
    return new Arrivals((await (await fetch(`${this.url}/arrivals`)).json()) as [number, number][])
  }

  stop(): Promise<void> {
    return this.#process.stop()
  }
}
