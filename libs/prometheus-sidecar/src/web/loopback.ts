import { BlockList, isIPv4, isIPv6 } from 'node:net'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Says whether a peer's address, as a socket gives it, is of this machine (`127.0.0.0/8`, `::1`, or the first mapped into IPv6). */
export function isLoopback(address: string): boolean {
  const mapped = /^::ffff:(?<ipv4>\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.groups?.ipv4
  const plain = mapped ?? address
  if (isIPv4(plain)) return loopback.check(plain, 'ipv4')
  return isIPv6(plain) && loopback.check(plain, 'ipv6')
}
