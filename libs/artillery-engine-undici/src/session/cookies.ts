import { CookieJar } from 'tough-cookie'
import type { VirtualUserContext } from '../artillery/contract.ts'

/**
 * One virtual user's cookies. The jar is created for the first cookie, or when a script reads `context._jar`, which is
 * where Artillery's HTTP engine keeps it.
 */
export class Cookies {
  /**
   * Whether requests carry the jar's cookies: true once a response has set one. Cookies that a script sets for a single
   * step do not change it.
   */
  active = false
  readonly #jarOptions: Record<string, unknown>
  #jar: CookieJar | undefined

  constructor(jarOptions: Record<string, unknown>) {
    this.#jarOptions = jarOptions
  }

  /** Exposes the jar as `context._jar`. */
  expose(context: VirtualUserContext): void {
    Object.defineProperty(context, '_jar', { configurable: true, enumerable: false, get: () => this.jar })
  }

  get jar(): CookieJar {
    this.#jar ??= new CookieJar(null, this.#jarOptions)
    return this.#jar
  }

  /** The `cookie` header for a URL, or undefined if there is none. */
  header(url: string): string | undefined {
    return this.#jar?.getCookieStringSync(url) || undefined
  }

  /**
   * Stores cookies that were set for a URL (`name=value; attributes`). Returns how many could not be parsed or stored.
   */
  store(cookies: readonly string[], url: string): number {
    let refused = 0
    for (const cookie of cookies) {
      try {
        this.jar.setCookieSync(cookie, url)
      } catch {
        refused++
      }
    }
    return refused
  }
}
