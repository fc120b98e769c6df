/** Address of the Cloud Monitoring API. */
export interface ApiAddress {
  readonly host: string
  readonly port: number
  /** False: plaintext, without credentials. */
  readonly authenticated: boolean
}

/**
 * Parses `https://HOST:PORT/?auth=false`. As in Google's sidecar, `auth=false` switches off TLS and credentials,
 * whatever the scheme. Throws a TypeError.
 */
export function parseApiAddress(address: string): ApiAddress {
  const url = new URL(address)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError(`${address} is not an HTTP address`)
  if (url.hostname === '') throw new TypeError(`${address} contains no host`)
  if (url.username !== '' || url.password !== '' || url.pathname !== '/') {
    throw new TypeError(`${address} contains more than a host and a port`)
  }
  const authenticated = url.searchParams.get('auth') !== 'false'
  const port = url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port)
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, authenticated }
}
