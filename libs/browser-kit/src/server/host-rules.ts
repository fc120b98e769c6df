import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** Whether an IP address is a loopback address (`127.0.0.0/8`, also mapped into IPv6, or `::1`). */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false
  const plain = /^::ffff:(?<ipv4>\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.groups?.ipv4 ?? address
  if (isIPv4(plain)) return LOOPBACK.check(plain, 'ipv4')
  return isIPv6(plain) && LOOPBACK.check(plain, 'ipv6')
}

/** Whether a host name (without port) refers to this machine, so that no other site can control it. */
export function isLoopbackHost(hostname: string): boolean {
  const name = withoutBrackets(hostname)
  return name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name)
}

/** Names that no public domain can have, so that no other site can control them. */
const PRIVATE_NAME = /^[^.]+$|\.(?:svc|local|localdomain|lan|internal|intranet|localhost|test)$/

/** Whether no other site can control a host name (without port): it is an IP address, has no dots, or is private. */
export function isPrivateHost(hostname: string): boolean {
  const name = withoutBrackets(hostname)
  return isIP(name) !== 0 || PRIVATE_NAME.test(name)
}

/** The host name of a `Host` header, without its port, in lower case; empty if it has none. */
export function hostnameOf(host: string | undefined): string {
  return /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.exec(host ?? '')?.[1]?.toLowerCase() ?? ''
}

/** Whether a request's `Origin` is the server itself, or missing, as from programs other than browsers. */
export function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
}

/** Which requests from browsers a server accepts. */
export interface HostRules {
  /** Whether the name in this `Host` header can't have been pointed here by another site (DNS rebinding). */
  isHostAllowed(host: string | undefined): boolean
  /** The `Origin`, if there is one, must match the `Host`. */
  isOriginAllowed(origin: string | undefined, host: string | undefined): boolean
}

/**
 * The rules for a server that listens on `listenHost`: on a loopback address it accepts only names of this machine;
 * elsewhere also IP addresses and names that no public domain can have, such as those of a cluster's services.
 * `allowedHosts` are additional names.
 */
export function createHostRules(options: {
  readonly listenHost: string
  readonly allowedHosts?: readonly string[]
}): HostRules {
  const allowed = new Set((options.allowedHosts ?? []).map((host) => host.toLowerCase()))
  const isTrusted = isLoopbackHost(options.listenHost) ? isLoopbackHost : isPrivateHost
  return {
    isHostAllowed(host) {
      const name = hostnameOf(host)
      return name !== '' && (allowed.has(name) || isTrusted(name))
    },
    isOriginAllowed: isSameOrigin,
  }
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase()
}
