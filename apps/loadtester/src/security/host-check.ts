import { isIP } from 'node:net'
import { hostname } from 'node:os'

/** Which Host and Origin headers a browser may come with: a defence against DNS rebinding and requests across sites. */
export interface HostPolicy {
  readonly isHostAllowed: (hostHeader: string | undefined) => boolean
  /** A request's Origin, where it has one, must be that of its own Host. */
  readonly isOriginAllowed: (originHeader: string | undefined, hostHeader: string | undefined) => boolean
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * @param listenHost the address that is listened on. Behind a loopback address only loopback names are allowed; behind
 *   another one also addresses as such, and this machine's name.
 * @param allowed further names.
 */
export function createHostPolicy(listenHost: string, allowed: readonly string[]): HostPolicy {
  const names = new Set([...loopbackNames, ...allowed.map((name) => name.toLowerCase())])
  const isLoopback = loopbackNames.has(listenHost) || listenHost === '::1' || listenHost.startsWith('127.')
  if (!isLoopback) names.add(hostname().toLowerCase())
  const isHostAllowed = (header: string | undefined): boolean => {
    const name = hostOf(header)
    if (name === undefined) return false
    return names.has(name) || (!isLoopback && isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0)
  }
  return {
    isHostAllowed,
    isOriginAllowed(origin, host) {
      if (origin === undefined) return true
      if (!URL.canParse(origin)) return false
      return new URL(origin).host === host?.toLowerCase()
    },
  }
}

/** Name or address of a Host header; undefined where it is none. */
function hostOf(header: string | undefined): string | undefined {
  return /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i.exec(header ?? '')?.[1]?.toLowerCase()
}
