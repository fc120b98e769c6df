import { isIPv6 } from 'node:net'
import { type ValueOptions, type ValueType, valueType } from './value-type.ts'

/** A host name or address (IPv6 without brackets), and a TCP port. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

const HOST_PORT = /^(?:\[([^[\]]+)\]|([a-z0-9._-]*)):(\d{1,5})$/i

/** Reads `HOST:PORT`, with an IPv6 address in brackets; the host may be empty. Undefined if it is neither. */
export function parseHostPort(text: string): HostPort | undefined {
  const found = HOST_PORT.exec(text)
  if (found === null) return undefined
  const [, address, name = '', port] = found
  if (Number(port) > 65_535 || (address !== undefined && !isIPv6(address))) return undefined
  return { host: address ?? name, port: Number(port) }
}

/** Writes `HOST:PORT`, with an IPv6 address in brackets. */
export function formatHostPort({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** `host:port` of a server that is called, as gRPC clients take it. */
export function hostAndPort<Default extends string | undefined = undefined>(
  options: ValueOptions<Default> = {},
): ValueType<string | Default> {
  return valueType(
    'a host and a port, such as 127.0.0.1:8087',
    (value) => {
      const address = parseHostPort(value)
      return address !== undefined && address.host !== '' && address.port > 0 ? value : undefined
    },
    { placeholder: 'HOST:PORT', ...options },
  )
}

/**
 * The address that a server listens on; without a host, on every address of the machine. The default is the loopback
 * address with `port`, or what the environment variable HOST says with it.
 */
export function listenAddress(
  options: Omit<ValueOptions<HostPort>, 'default'> & { readonly port: number },
): ValueType<HostPort> {
  const fallback: HostPort = { host: '127.0.0.1', port: options.port }
  return {
    ...valueType<HostPort, HostPort>(
      `HOST:PORT with a port from 0 to 65535 (0: any free one), such as ${formatHostPort(fallback)}`,
      (value) => {
        const address = parseHostPort(value)
        return address && { host: address.host === '' ? '0.0.0.0' : address.host, port: address.port }
      },
      { placeholder: 'HOST:PORT', ...options, default: fallback },
    ),
    defaultText: options.defaultText ?? formatHostPort(fallback),
    fallbackFrom: ({ HOST }) => ({ ...fallback, host: HOST?.trim() || fallback.host }),
    note: 'The environment variable HOST replaces 127.0.0.1 in default addresses.',
  }
}
