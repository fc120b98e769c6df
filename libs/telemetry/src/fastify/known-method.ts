/** The methods that keep their name; a client may send others, which share {@link OTHER_METHOD}. */
const KNOWN_METHODS: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'],
])

/** What OpenTelemetry's semantic conventions call all methods that are not known. */
export const OTHER_METHOD = '_OTHER'

/** The value of `http.request.method` for the method of a request. */
export function knownMethod(method: string): string {
  return KNOWN_METHODS.has(method) ? method : OTHER_METHOD
}
