import { isIP } from 'node:net'
import { hostname } from 'node:os'

/** Which Host and Origin headers a browser may send: a defence against DNS rebinding and cross-site requests. */
export interface HostPolicy {
  readonly isHostAllowed: (hostHeader: string | undefined) => boolean
  /** The Origin, if there is one, must match the Host. */
  readonly isOriginAllowed: (originHeader: string | undefined, hostHeader: string | undefined) => boolean
}

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * @param listenHost the address that the server listens on. For a loopback address only loopback names are allowed; for
 *   any other one also IP addresses and this machine's name.
 * @param allowed further names.
 */
export function createHostPolicy(listenHost: string, allowed: readonly string[]): HostPolicy {
  const names = new Set([...LOOPBACK_NAMES, ...allowed.map((name) => name.toLowerCase())])
  const isLoopback = LOOPBACK_NAMES.has(listenHost) || listenHost === '::1' || listenHost.startsWith('127.')
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

/** Name or address in a Host header; undefined if it has none. */
function hostOf(header: string | undefined): string | undefined {
  return /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i.exec(header ?? '')?.[1]?.toLowerCase()
}
