import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

/**
 * Starts a scrape and leaves its request unfinished, like a scraper that is sending its request when the service shuts
 * down.
 *
 * @param origin of the metrics, over http
 * @returns a function that sends the rest of the request and returns the complete response
 */
export async function openScrape(origin: string): Promise<() => Promise<string>> {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(`GET /metrics HTTP/1.1\r\nHost: ${hostname}\r\n`)
  return () => {
    socket.write('Connection: close\r\n\r\n')
    return text(socket)
  }
}
