import { lookup as resolve } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Metadata servers of Alibaba Cloud, Azure and Oracle Cloud; the others are link-local. */
const METADATA_IPV4 = ['100.100.100.200', '168.63.129.16', '192.0.0.192']

/** Addresses of cloud metadata servers, and addresses that are valid only on one network segment. */
const NEVER = new BlockList()
NEVER.addSubnet('169.254.0.0', 16, 'ipv4')
for (const address of METADATA_IPV4) NEVER.addAddress(address, 'ipv4')
NEVER.addSubnet('fe80::', 10, 'ipv6')
for (const address of ['fd00:ec2::254', 'fd20:ce::254', 'fd00:42::42']) NEVER.addAddress(address, 'ipv6')
/** IPv6 addresses that contain an IPv4 address: compatible, NAT64, 6to4. */
for (const prefix of ['::', '64:ff9b::']) {
  NEVER.addSubnet(`${prefix}169.254.0.0`, 112, 'ipv6')
  for (const address of METADATA_IPV4) NEVER.addAddress(`${prefix}${address}`, 'ipv6')
}
NEVER.addSubnet('2002:a9fe::', 32, 'ipv6')

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

const NEVER_NAMES = /^(?:metadata|metadata\.goog|metadata\.google\.internal|instance-data)\.?$/i

/** A host that must not be contacted, and why. */
export class HostRefused extends Error {
  override readonly name = 'HostRefused'
  readonly code = 'ERR_HOST_REFUSED'
}

/**
 * Decides which hosts may be contacted: this machine, and the names and addresses that an option allows; never
 * link-local or metadata addresses. The checked address is the one that the connection is then made to.
 */
export class AllowedHosts {
  readonly #allowed: ReadonlySet<string>
  readonly #option: string

  /** `option` is what allows other hosts, such as `--notify.allow`. */
  constructor(allowed: readonly string[], option: string) {
    this.#allowed = new Set(allowed.map(normalized))
    this.#option = option
  }

  /**
   * Throws `HostRefused` if the host can't be allowed regardless of its address, or is an address that is not allowed.
   */
  check(host: string): void {
    const name = normalized(host)
    if (NEVER_NAMES.test(name)) throw neverContacted(host)
    if (isIP(name) !== 0) this.#checkAddress(host, name)
    else if (!this.#allowed.has(name) && !isLocalName(name)) throw this.#notAllowed(host)
  }

  /** For the `lookup` option of a connection: rejects names that resolve to an address that is not allowed. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '')
      try {
        for (const { address } of addresses) this.#checkAddress(hostname, address)
      } catch (refused) {
        return callback(refused instanceof Error ? refused : new Error(String(refused)), '')
      }
      const [first] = addresses
      if (options.all === true) return callback(null, addresses)
      return callback(null, first?.address ?? '', first?.family)
    })
  }

  #checkAddress(host: string, address: string): void {
    const plain = normalized(address)
    if (isIn(NEVER, plain)) throw neverContacted(host)
    if (isIn(LOOPBACK, plain) || this.#allowed.has(normalized(host)) || this.#allowed.has(plain)) return
    throw this.#notAllowed(host)
  }

  #notAllowed(host: string): HostRefused {
    return new HostRefused(
      `The host "${host}" is not contacted: only this machine is, unless the emulator is started with ${this.#option} ${host}.`,
    )
  }
}

function neverContacted(host: string): HostRefused {
  return new HostRefused(`The host "${host}" is never contacted: it is a link-local or metadata address.`)
}

/** Removes brackets, and converts IPv4-mapped IPv6 addresses to IPv4. */
function normalized(host: string): string {
  const plain = host.replace(/^\[|\]$/g, '').toLowerCase()
  const mapped = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/.exec(plain)
  if (mapped?.[1] !== undefined) return mapped[1]
  if (!mapped) return plain
  const [high, low] = [Number.parseInt(mapped[2] ?? '', 16), Number.parseInt(mapped[3] ?? '', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost')
}

function isIn(list: BlockList, address: string): boolean {
  const family = isIP(address)
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
}
