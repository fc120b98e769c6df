import { BlockList, isIPv4, isIPv6 } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** Whether an address is a loopback address (`127.0.0.0/8`, also mapped into IPv6, or `::1`). */
export function isLoopback(address: string): boolean {
  const mapped = /^::ffff:(?<ipv4>\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.groups?.ipv4
  const plain = mapped ?? address
  if (isIPv4(plain)) return LOOPBACK.check(plain, 'ipv4')
  return isIPv6(plain) && LOOPBACK.check(plain, 'ipv6')
}
