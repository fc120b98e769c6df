import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** A target that can't be reached; the message says what failed. */
export class TargetError extends Error {
  readonly code = 'UNREACHABLE'
  readonly exitCode = 2
}

export interface CheckTargetOptions {
  /** Default 5 s. */
  readonly timeoutMs?: number
  /** The script's `config.tls`. */
  readonly tls?: { readonly rejectUnauthorized?: unknown } | undefined
}

/**
 * Connects to a target once, with TLS where its URL says https, and hangs up.
 *
 * @throws TargetError when the name isn't known, nothing listens there, or its certificate is not trusted.
 */
export async function checkTargetReachable(target: string, options: CheckTargetOptions = {}): Promise<void> {
  const url = new URL(target)
  const secure = url.protocol === 'https:' || url.protocol === 'wss:'
  const port = Number(url.port || (secure ? 443 : 80))
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  await new Promise<void>((resolve, reject) => {
    const socket = secure
      ? connectTls({
          host,
          port,
          ...(isIP(host) === 0 ? { servername: host } : {}),
          rejectUnauthorized: options.tls?.rejectUnauthorized !== false,
        })
      : connectTcp({ host, port })
    const fail = (reason: string): void => {
      socket.destroy()
      reject(new TargetError(`the target ${url.origin} can't be reached: ${reason}`))
    }
    socket.setTimeout(options.timeoutMs ?? 5000, () =>
      fail(`no connection within ${(options.timeoutMs ?? 5000) / 1000} s`),
    )
    socket.once('error', (error: NodeJS.ErrnoException) => fail(explain(error)))
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      socket.destroy()
      resolve()
    })
  })
}

function explain(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nothing listens there (ECONNREFUSED); is the service started?'
    case 'ENOTFOUND':
      return 'its name is not known (ENOTFOUND)'
    default:
      return error.code === undefined ? error.message : `${error.message} (${error.code})`
  }
}
