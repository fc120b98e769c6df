import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** How long a browser stays signed in. */
export const SESSION_SECONDS = 30 * 86_400

/**
 * The sessions of browsers. A session id is random and signed with the token, so that it does not reveal the token, and
 * outlives a restart of the master; another token ends all sessions.
 */
export class Sessions {
  readonly #key: string
  readonly #now: () => number

  constructor(token: string, now: () => number = Date.now) {
    this.#key = token
    this.#now = now
  }

  /** A new session id. */
  begin(): string {
    const id = `${randomBytes(18).toString('base64url')}.${Math.floor(this.#now() / 1000) + SESSION_SECONDS}`
    return `${id}.${this.#sign(id)}`
  }

  /** Whether a session id is one of these, and has not ended. */
  has(sessionId: string): boolean {
    const [, id, expires, signature] = /^([\w-]{24}\.(\d{1,12}))\.([\w-]{43})$/.exec(sessionId) ?? []
    if (id === undefined || signature === undefined || Number(expires) * 1000 < this.#now()) return false
    return timingSafeEqual(Buffer.from(signature), Buffer.from(this.#sign(id)))
  }

  #sign(id: string): string {
    return createHmac('sha256', this.#key).update(`session of a browser ${id}`).digest('base64url')
  }
}
