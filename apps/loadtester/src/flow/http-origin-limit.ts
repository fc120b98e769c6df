/** A request to an origin that this load test may not send requests to. */
export class OriginNotAllowedError extends Error {
  readonly code = 'ERR_ORIGIN_NOT_ALLOWED'
}

type GotRequest = (options: Readonly<Record<string, unknown>>) => unknown

/**
 * Restricts Artillery's own HTTP engine to a list of origins, also for redirects: its HTTP client, got, calls a hook
 * before each request.
 *
 * @param engine initialized.
 * @param allowed URLs with the allowed origins.
 */
export function limitOrigins(engine: object, allowed: readonly string[]): void {
  const origins = new Set(allowed.map((url) => new URL(url).origin))
  const beforeRequest = ({ url }: { readonly url?: string | URL }): void => {
    const { origin } = new URL(String(url))
    if (!origins.has(origin)) throw new OriginNotAllowedError(`this load test may not send requests to ${origin}`)
  }
  const request: unknown = Reflect.get(engine, 'request')
  if (typeof request !== 'function') throw new TypeError("Artillery's HTTP engine has no request function")
  const limited: GotRequest = (options) =>
    Reflect.apply(request, engine, [{ ...options, hooks: { beforeRequest: [beforeRequest] } }])
  Reflect.set(engine, 'request', limited)
}
