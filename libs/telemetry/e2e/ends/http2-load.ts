import { type ClientHttp2Session, connect, constants } from 'node:http2'
import { setTimeout } from 'node:timers/promises'

const SESSIONS = 8
const TICK_MS = 10

/** The result of a load. */
export interface Http2Result {
  readonly sent: number
  readonly answered: number
  /** Why the others have no response; for a refused connection it is `ECONNREFUSED`. */
  readonly failures: readonly string[]
}

/**
 * Sends requests at a steady rate over eight HTTP/2 sessions. A session that the server ends, or announces to end, is
 * replaced, and a request that was refused because of that, and so never handled, is sent on the new one, as clients
 * do: https://www.rfc-editor.org/rfc/rfc9113#section-8.7.
 */
export function startHttp2Load(url: string, ratePerSecond: number, ca?: Buffer): { stop(): Promise<Http2Result> } {
  const sessions: ClientHttp2Session[] = []
  const failures: string[] = []
  const startedAt = performance.now()
  let [sent, answered, inFlight] = [0, 0, 0]

  const errors = new WeakMap<ClientHttp2Session, string>()
  const closed = new WeakMap<ClientHttp2Session, Promise<void>>()

  const sessionOf = (index: number): ClientHttp2Session => {
    const known = sessions[index]
    if (known !== undefined && !known.closed && !known.destroyed) return known
    const session = connect(url, ca === undefined ? {} : { ca, servername: 'localhost' })
    session.on('error', (error: NodeJS.ErrnoException) => errors.set(session, error.code ?? error.message))
    closed.set(session, new Promise((resolve) => session.once('close', resolve)))
    sessions[index] = session
    return session
  }
  const send = (index: number) => {
    const session = sessionOf(index % SESSIONS)
    const stream = session.request({ ':path': '/' })
    let isComplete = false
    stream.resume()
    stream.once('end', () => {
      isComplete = true
    })
    stream.on('error', () => {})
    stream.once('close', async () => {
      // The session reports the reason after its streams have ended.
      if (session.destroyed) await closed.get(session)
      const error = errors.get(session)
      if (error === undefined && stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) return send(index)
      inFlight--
      if (isComplete && stream.rstCode === 0) answered++
      else failures.push(error ?? `stream code ${stream.rstCode}`)
    })
  }
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * ratePerSecond
    while (sent < due) {
      inFlight++
      send(sent++)
    }
  }, TICK_MS)

  return {
    async stop() {
      clearInterval(timer)
      while (inFlight > 0) await setTimeout(TICK_MS)
      for (const session of sessions) session.destroy()
      return { sent, answered, failures }
    },
  }
}
