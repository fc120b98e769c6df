import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo, Server, Socket } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'

/** A request as it was received. */
export interface RecordedRequest {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
}

/** A request and a response of HTTP/1.1, or those of HTTP/2, which have all of it that the answers use. */
type Handle = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => void

/** An HTTP server that records every request and answers by the request's path. */
export class RecordingServer implements AsyncDisposable {
  readonly origin: string
  requests: RecordedRequest[] = []
  /** Bytes of response bodies sent so far, without framing. */
  bodyBytes = 0
  /** Connections accepted so far. */
  connections = 0
  readonly #close: () => Promise<void>

  private constructor(origin: string, close: () => Promise<void>) {
    this.origin = origin
    this.#close = close
  }

  /**
   * Listens on a free port of 127.0.0.1.
   *
   * @param tls the server's key and certificate: it offers HTTP/2 then
   */
  static async start(tls?: { readonly key: string; readonly cert: string }): Promise<RecordingServer> {
    const sockets = new Set<Socket>()
    const handle: Handle = (request, response) => {
      void recording.#handle(request as IncomingMessage, response as ServerResponse)
    }
    const server: Server =
      tls === undefined ? plainServer(handle) : createSecureServer({ ...tls, allowHTTP1: true }, handle)
    server.on('connection', (socket: Socket) => {
      recording.connections++
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const scheme = tls === undefined ? 'http' : 'https'
    const recording = new RecordingServer(`${scheme}://127.0.0.1:${port}`, async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    })
    return recording
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
  }

  #countBody(response: ServerResponse): void {
    const count = (chunk: unknown): void => {
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) this.bodyBytes += Buffer.byteLength(chunk)
    }
    const { write, end } = response
    response.write = (chunk: unknown, ...rest: unknown[]): boolean => {
      count(chunk)
      return Reflect.apply(write, response, [chunk, ...rest])
    }
    response.end = (chunk?: unknown, ...rest: unknown[]): ServerResponse => {
      count(chunk)
      return Reflect.apply(end, response, [chunk, ...rest])
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { setHeader } = response
    // That of HTTP/2 returns nothing.
    response.setHeader = (name, value) => {
      Reflect.apply(setHeader, response, [name, value])
      return response
    }
    const { method = '', url = '/', headers } = request
    this.requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
    const { pathname, searchParams } = new URL(url, this.origin)
    const [route = '', argument = ''] = pathname.slice(1).split('/')
    if (method !== 'HEAD') this.#countBody(response)
    const answer = ROUTES[route] ?? ROUTES.text
    answer?.({
      request,
      response,
      argument,
      query: searchParams,
      origin: this.origin,
      countBody: (bytes) => {
        this.bodyBytes += bytes
      },
    })
  }
}

function plainServer(handle: Handle): Server {
  const server = createServer(handle)
  // On a machine that stands still for a while, an idle connection must not end under the next request.
  server.keepAliveTimeout = 0
  return server
}

interface Call {
  request: IncomingMessage
  response: ServerResponse
  argument: string
  query: URLSearchParams
  origin: string
  /** Counts a body that is written past `response`. */
  countBody: (bytes: number) => void
}

const DOCUMENT = JSON.stringify({ id: 7, user: { name: 'Zoë' }, tags: ['a', 'b'], empty: '', none: null, no: false })

function json(response: ServerResponse, text: string): void {
  response.setHeader('content-type', 'application/json')
  response.end(text)
}

/** Responses that no HTTP parser accepts, by what is wrong with them: the answers of `/malformed/KIND`. */
export const MALFORMED: Readonly<Record<string, string>> = {
  protocol: 'SSH-2.0-OpenSSH_9.2\r\n',
  version: 'HTTP/9.9 200 OK\r\n\r\n',
  status: 'HTTP/1.1 abc OK\r\n\r\n',
  header: 'HTTP/1.1 200 OK\r\nbad header: 1\r\n\r\n',
  length: 'HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n',
  lengths: 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
  chunk: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  cr: 'HTTP/1.1 200 OK\rX: 1\r\n\r\n',
  'long-header': `HTTP/1.1 200 OK\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`,
}

const ROUTES: Record<string, (call: Call) => void> = {
  text: ({ response }) => response.setHeader('content-type', 'text/plain').end('Hello, world: id=42;'),
  json: ({ response }) => json(response, DOCUMENT),
  broken: ({ response }) => json(response, '{"id": '),
  status: ({ response, argument }) => {
    response.statusCode = Number(argument)
    response.end(Number(argument) === 204 || Number(argument) === 304 ? undefined : `status ${argument}`)
  },
  redirect: ({ response, argument, query }) => {
    response.writeHead(Number(argument), { location: query.get('to') ?? '/text' }).end('moved')
  },
  'redirect-forever': ({ response }) => response.writeHead(302, { location: '/redirect-forever' }).end(),
  'redirect-away': ({ response, origin }) => {
    response.writeHead(302, { location: `${origin.replace('127.0.0.1', 'localhost')}/text` }).end()
  },
  cookie: ({ response, argument, query }) => {
    const location = query.get('to')
    response.setHeader('set-cookie', [`${argument}=1; Path=/`, 'theme=dark; Path=/json'])
    if (location === null) response.end('cookie')
    else response.writeHead(302, { location }).end()
  },
  'bad-cookie': ({ response }) => response.setHeader('set-cookie', 'a=1; Domain=example.com').end('cookie'),
  header: ({ response }) => response.setHeader('x-token', 'secret-1').end('header'),
  gzip: ({ response }) => response.setHeader('content-encoding', 'gzip').end(gzipSync(DOCUMENT)),
  deflate: ({ response }) => response.setHeader('content-encoding', 'deflate').end(deflateSync(DOCUMENT)),
  br: ({ response }) => response.setHeader('content-encoding', 'br').end(brotliCompressSync(DOCUMENT)),
  zstd: ({ response }) => response.setHeader('content-encoding', 'zstd').end(zstdCompressSync(DOCUMENT)),
  notgzip: ({ response }) => response.setHeader('content-encoding', 'gzip').end('not gzip at all'),
  chunked: ({ response }) => {
    response.write('{"part":')
    setImmediate(() => response.end('"two"}'))
  },
  split: ({ response }) => {
    const bytes = Buffer.from('Zoë')
    response.write(bytes.subarray(0, 3), () => setTimeout(() => response.end(bytes.subarray(3)), 20))
  },
  html: ({ response }) => {
    response.setHeader('content-type', 'text/html').end('<a class="next" href="/json?page=2">next</a>')
  },
  silent: () => {},
  'head-only': ({ response }) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('only this')
  },
  cut: ({ request, response }) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('only this', () => request.socket.destroy())
  },
  reset: ({ request }) => request.socket.destroy(),
  // Interim responses that nobody has asked for.
  continue: ({ response }) => {
    response.writeContinue()
    setTimeout(() => response.end('after 100'), 5)
  },
  'continue-at-once': ({ request, countBody }) => {
    countBody(9)
    request.socket.end(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nafter 100',
    )
  },
  'continue-in-pieces': ({ request, countBody }) => {
    countBody(9)
    const pieces = [
      'HTTP/1.1 10',
      '0 Continue\r\nx-a: b\r',
      '\n\r\nHTTP/1.1 2',
      '00 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nafter 100',
    ]
    const sendNext = (): void => {
      const piece = pieces.shift()
      if (piece === undefined) request.socket.end()
      else request.socket.write(piece, () => setTimeout(sendNext, 10))
    }
    sendNext()
  },
  processing: ({ response }) => {
    response.writeProcessing()
    response.end('after 102')
  },
  hints: ({ response }) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    response.end('after 103')
  },
  // Responses that no parser accepts.
  malformed: ({ request, argument }) => request.socket.end(MALFORMED[argument] ?? ''),
  slow: ({ response, argument }) => {
    setTimeout(() => response.end('slow'), Number(argument))
  },
  'slow-body': ({ response, argument }) => {
    response.write('head')
    setTimeout(() => response.end('body'), Number(argument))
  },
}
