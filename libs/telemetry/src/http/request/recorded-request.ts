import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** The recorded properties of a request, in the form of Fastify's. */
export interface RecordedRequest {
  readonly raw: IncomingMessage
  readonly method: string
  /** Its target, in origin form: the path and the query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** The address of the client; undefined once it has left. */
  readonly ip: string | undefined
  readonly protocol: string
  readonly host: string
  /** Whether its route is known only once it has been answered. */
  readonly isRoutedLater?: boolean
  readonly routeOptions: {
    /** The route that handles it, such as `/users/:id`; undefined if there is none. */
    readonly url?: string | undefined
    readonly config: { readonly disableMetrics?: boolean }
  }
}
