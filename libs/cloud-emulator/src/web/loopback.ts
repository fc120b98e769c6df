import { isIP } from 'node:net'

const LOOPBACK_ADDRESS = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/

/** Whether an IP address is of this machine itself. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && LOOPBACK_ADDRESS.test(address)
}

/** Whether a host name (without port) means this machine: so that a page of another site can't reach us by a name that it controls. */
export function isLoopbackHost(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  return name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name)
}

/** The host name of a `Host` header or an origin's host, without its port. */
export function hostnameOf(host: string): string {
  return /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(host)?.[1] ?? ''
}

/** Whether a request's `Origin` is the server itself, or absent as from programs other than browsers. */
export function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

/** Names that no public domain has: a page of another site can't have made them point here. */
const PRIVATE_NAME = /^[^.]+$|\.(?:svc|local|localdomain|lan|internal|intranet|localhost|test)$/

/** Whether a host name (without port) can't be one that another site controls: an address, a name without dots, or a private one. */
export function isPrivateHost(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  return isIP(name) !== 0 || PRIVATE_NAME.test(name)
}
