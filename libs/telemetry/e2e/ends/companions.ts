import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'

/** Opens a connection that a shutdown has to cope with besides the load, and leaves it open. */
export type Companion = (url: URL) => Promise<unknown>

/** It only has to stay open; how it ends is up to the service. */
function leave<T extends { on(event: 'error', listener: () => void): T }>(open: T): T {
  return open.on('error', () => {})
}

async function connected({ port, hostname }: URL): Promise<Socket> {
  const socket = leave(connect(Number(port), hostname))
  await once(socket, 'connect')
  return socket
}

async function answered(url: URL, path: string, headers = {}): Promise<void> {
  const request = leave(get(new URL(path, url), { headers, agent: false }))
  const event = 'upgrade' in headers ? 'upgrade' : 'response'
  const [response, socket] = (await once(request, event)) as [IncomingMessage, Socket | undefined]
  if (socket === undefined) leave(response).resume()
  else leave(socket)
}

const HEAD = 'GET / HTTP/1.1\r\nHost: test\r\n'

/** What clients keep open, or have half sent, when a service shuts down. */
export const companions = {
  'a connection that has sent nothing': connected,
  'half a head': async (url: URL) => (await connected(url)).write(HEAD),
  'half a body': async (url: URL) =>
    (await connected(url)).write(
      'POST /upload HTTP/1.1\r\nHost: test\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nhalf',
    ),
  'events that nobody ends': (url: URL) => answered(url, '/endless'),
  'half an upgrade': async (url: URL) =>
    (await connected(url)).write(`${HEAD}Connection: Upgrade\r\nUpgrade: websocket\r\n`),
  'half a body by HTTP/2': async (url: URL) => {
    const session = leave(connectHttp2(url))
    leave(session.request({ ':path': '/upload', ':method': 'POST', 'content-type': 'text/plain' })).write('half')
    await once(session, 'connect')
  },
  'a kept connection that has had a request': async (url: URL) => {
    const socket = await connected(url)
    socket.write(`${HEAD}\r\n`)
    await once(socket, 'data')
  },
  'pipelined requests': async (url: URL) => {
    const socket = await connected(url)
    socket.write(`${HEAD}\r\n`.repeat(5))
  },
  'a WebSocket': (url: URL) =>
    answered(url, '/socket', {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }),
  'server-sent events': (url: URL) => answered(url, '/events'),
  'an idle HTTP/2 session': async (url: URL) => {
    const session = leave(connectHttp2(url))
    await once(session, 'connect')
  },
} as const satisfies Record<string, Companion>
