import { IncomingMessage } from 'node:http'

const MOUNTED: unique symbol = Symbol('where the router that has the request is mounted')

interface Mounted {
  baseUrl: unknown
  /** By what they have matched. */
  readonly patterns: Map<string, string>
  /** Express' route, and the pattern of the path at which its router is mounted. */
  route?: unknown
  routeMount?: string | undefined
}

declare module 'node:http' {
  interface IncomingMessage {
    [MOUNTED]?: Mounted
    /** Of Express. */
    readonly params?: unknown
  }
}

let isWatching = false

/**
 * Makes {@link mountedRoute} know where Express has mounted the routers that a request passes through. Express itself
 * keeps only what they have matched in `baseUrl`, such as `/teams/7`, and the parameters of that for a moment; while an
 * error is on its way to the application's error handler, `baseUrl` is that of each router it passes.
 */
export function watchMounts(): void {
  if (isWatching) return
  isWatching = true
  Object.defineProperty(IncomingMessage.prototype, 'baseUrl', {
    configurable: true,
    get(this: IncomingMessage): unknown {
      return this[MOUNTED]?.baseUrl
    },
    set(this: IncomingMessage, baseUrl: unknown) {
      const mounted = mountedOf(this)
      mounted.baseUrl = baseUrl
      if (typeof baseUrl !== 'string' || mounted.patterns.has(baseUrl)) return
      const parent = parentOf(baseUrl, mounted.patterns.keys())
      const own = withParameters(baseUrl.slice(parent.length), this.params)
      mounted.patterns.set(baseUrl, `${mounted.patterns.get(parent) ?? ''}${own}`)
    },
  })
  Object.defineProperty(IncomingMessage.prototype, 'route', {
    configurable: true,
    get(this: IncomingMessage): unknown {
      return this[MOUNTED]?.route
    },
    set(this: IncomingMessage, route: unknown) {
      const mounted = mountedOf(this)
      mounted.route = route
      mounted.routeMount = typeof mounted.baseUrl === 'string' ? mounted.patterns.get(mounted.baseUrl) : undefined
    },
  })
}

/**
 * The pattern of the route that Express matched last, with the patterns of the paths at which its router is mounted,
 * such as `/teams/:team/members/:member`.
 */
export function mountedRoute(request: IncomingMessage): string | undefined {
  const { route, routeMount = '' } = request[MOUNTED] ?? {}
  if (typeof route !== 'object' || route === null || !('path' in route)) return undefined
  return `${routeMount}${String(route.path)}`
}

function mountedOf(request: IncomingMessage): Mounted {
  request[MOUNTED] ??= { baseUrl: undefined, patterns: new Map([['', '']]) }
  return request[MOUNTED]
}

function parentOf(baseUrl: string, known: Iterable<string>): string {
  let longest = ''
  for (const path of known) if (path.length > longest.length && baseUrl.startsWith(path)) longest = path
  return longest
}

/** A path with parameter values replaced by their names, those that are a whole segment first. */
function withParameters(path: string, params: unknown): string {
  if (typeof params !== 'object' || params === null) return path
  const segments = path.split('/')
  for (const [name, value] of Object.entries(params)) {
    const texts = [value].flat().filter((text) => typeof text === 'string' && text !== '')
    for (const text of texts) {
      const whole = segments.findIndex((segment) => decoded(segment) === text)
      const index = whole < 0 ? segments.findLastIndex((segment) => decoded(segment).includes(text)) : whole
      const segment = segments[index]
      if (segment !== undefined) segments[index] = decoded(segment).replace(text, () => `:${name}`)
    }
  }
  return segments.join('/')
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
