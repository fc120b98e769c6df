const KNOWN_METHODS: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'],
])

/** The name in OpenTelemetry's semantic conventions for all methods that they do not know; clients may send any. */
export const OTHER_METHOD = '_OTHER'

/** The value of `http.request.method` for the method of a request. */
export function knownMethod(method: string): string {
  return KNOWN_METHODS.has(method) ? method : OTHER_METHOD
}
