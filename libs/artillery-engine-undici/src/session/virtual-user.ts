import type { VirtualUserContext } from '../artillery/contract.ts'
import type { UserConnections } from './connections.ts'
import { Cookies } from './cookies.ts'

const kVirtualUser = Symbol('virtual user')

/** The engine's state of one virtual user while its scenario runs. */
export class VirtualUser {
  readonly connections: UserConnections
  readonly cookies: Cookies
  /** Set at the scenario's end: branches of a `parallel` that still run stop at their next step. */
  ended = false

  constructor(connections: UserConnections, cookieJarOptions: Record<string, unknown>) {
    this.connections = connections
    this.cookies = new Cookies(cookieJarOptions)
  }

  /** Attaches the virtual user to the context that is passed to its steps. */
  attach(context: VirtualUserContext): void {
    Object.defineProperty(context, kVirtualUser, { configurable: true, enumerable: false, value: this })
    this.cookies.expose(context)
  }

  end(): void {
    this.ended = true
    this.connections.release()
  }

  /** The virtual user of a context. @throws Error for a context that no scenario of this engine has started */
  static of(context: VirtualUserContext): VirtualUser {
    const user: unknown = Reflect.get(context, kVirtualUser)
    if (user instanceof VirtualUser) return user
    throw new Error('This context does not belong to a virtual user of the undici engine')
  }
}
