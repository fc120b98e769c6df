/** A request to an origin that is not among those that a load may go to. */
export class OriginNotAllowedError extends Error {
  readonly code = 'ERR_ORIGIN_NOT_ALLOWED'
}

type GotRequest = (options: Readonly<Record<string, unknown>>) => unknown

/**
 * Keeps Artillery's own HTTP engine to a list of origins, redirects too: got, which it is built on, asks before each
 * request that goes out.
 *
 * @param engine initialized.
 * @param allowed URLs; their origins count.
 */
export function limitOrigins(engine: object, allowed: readonly string[]): void {
  const origins = new Set(allowed.map((url) => new URL(url).origin))
  const beforeRequest = ({ url }: { readonly url?: string | URL }): void => {
    const origin = new URL(String(url)).origin
    if (!origins.has(origin)) throw new OriginNotAllowedError(`Requests to ${origin} are not allowed by this load test`)
  }
  const request: unknown = Reflect.get(engine, 'request')
  if (typeof request !== 'function') throw new TypeError("Artillery's HTTP engine has no request function")
  const limited: GotRequest = (options) =>
    Reflect.apply(request, engine, [{ ...options, hooks: { beforeRequest: [beforeRequest] } }])
  Reflect.set(engine, 'request', limited)
}
