/** Where the API is, from `--stackdriver.api-address`. */
export interface ApiAddress {
  readonly host: string
  readonly port: number
  /** False: plaintext and no credentials. */
  readonly authenticated: boolean
}

/** Reads `https://HOST:PORT/?auth=false`; as in Google's sidecar only `auth=false` switches TLS and credentials off, whatever the scheme. Throws a TypeError. */
export function parseApiAddress(address: string): ApiAddress {
  const url = new URL(address)
  if (url.hostname === '') throw new TypeError(`${address} names no host`)
  const authenticated = url.searchParams.get('auth') !== 'false'
  const port = url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port)
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, authenticated }
}
