import { isIP } from 'node:net'

const LOOPBACK_ADDRESS = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/

/** Whether an IP address is a loopback address. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && LOOPBACK_ADDRESS.test(address)
}

/** Whether a host name (without port) means this machine, so that no other site controls it. */
export function isLoopbackHost(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  return name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name)
}

/** The host name of a `Host` header, without its port. */
export function hostnameOf(host: string): string {
  return /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(host)?.[1] ?? ''
}

/** Whether a request's `Origin` is the server itself, or missing, as from programs other than browsers. */
export function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

/** Names that no public domain has, so no other site controls them. */
const PRIVATE_NAME = /^[^.]+$|\.(?:svc|local|localdomain|lan|internal|intranet|localhost|test)$/

/** Whether no other site can control a host name (without port): it is an IP address, has no dots, or is private. */
export function isPrivateHost(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  return isIP(name) !== 0 || PRIVATE_NAME.test(name)
}
