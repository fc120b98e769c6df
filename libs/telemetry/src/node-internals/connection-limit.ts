import { readFileSync } from 'node:fs'
import type { Server, Socket } from 'node:net'

/** Descriptors that client connections leave for everything else: health and metrics, workers, exporters, files. */
const RESERVED = 128
const REPORT_INTERVAL_MS = 60_000

/** Called when connections have been refused, at most once a minute, with their number since the previous call. */
export type RefusalListener = (refused: number) => void

/**
 * Limits the open client connections by the descriptors that the process may have. Without a limit they take all of
 * them: health checks are not answered either, and Node forgets connections for which a worker had no descriptor.
 */
export class ConnectionLimit {
  /** The number of connections that were closed immediately. */
  refused = 0
  readonly #max: number
  #open = 0
  #reported = 0
  #reportedAt = Number.NEGATIVE_INFINITY
  #onRefusal: RefusalListener | undefined

  /** @param descriptors that the process may have open */
  constructor(descriptors: number) {
    this.#max = Math.max(1, descriptors - Math.min(RESERVED, Math.ceil(descriptors / 2)))
  }

  onRefusal(listener: RefusalListener): void {
    this.#onRefusal = listener
  }

  /**
   * Counts a connection that has just been accepted. @returns whether there is room for it; if not, close it and do not
   * {@link leave}
   */
  enter(): boolean {
    if (this.#open >= this.#max) {
      this.refuse()
      return false
    }
    this.#open++
    return true
  }

  /** A connection that had entered has been closed, or handed to another process. */
  leave(): void {
    this.#open--
  }

  /** Counts a connection that was closed for lack of descriptors. */
  refuse(): void {
    this.refused++
    const now = performance.now()
    if (now - this.#reportedAt < REPORT_INTERVAL_MS) return
    this.#reportedAt = now
    this.#onRefusal?.(this.refused - this.#reported)
    this.#reported = this.refused
  }

  /** Counts the connections of `server` from now on, and closes them immediately if there is no room. */
  watch(server: Server): void {
    server.prependListener('connection', (socket: Socket) => {
      if (this.enter()) socket.once('close', () => this.leave())
      else socket.destroy()
    })
  }
}

/** The number of descriptors that this process may have open; if the system does not say, there is no limit. */
function descriptorLimit(): number {
  try {
    const soft = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** The limit of this process, which its servers share. */
export const connectionLimit: ConnectionLimit = new ConnectionLimit(descriptorLimit())
