import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { tlsOptions } from '@node-to-cloud/artillery-engine-undici'
import type { LoadScript } from '../script/script.ts'
import { ScriptError } from '../script/script-error.ts'

/** A target that can't be reached; the message says what failed. */
export class TargetError extends Error {
  readonly code = 'UNREACHABLE'
  readonly exitCode = 2
}

export interface CheckTargetOptions {
  /** Default 5 s. */
  readonly timeoutMs?: number
  /** Where HTTP_PROXY and HTTPS_PROXY stand: requests go to the proxy, so that is what has to be there. */
  readonly environment?: NodeJS.ProcessEnv
}

/**
 * Connects to a script's target once, with TLS as the script sets it where the URL says https, and hangs up.
 *
 * @throws TargetError when the name isn't known, nothing listens there, or its certificate is not trusted.
 * @throws ScriptError for a `config.tls` that can't be used.
 */
export async function checkTargetReachable(
  { target, document }: Pick<LoadScript, 'target' | 'document'>,
  options: CheckTargetOptions = {},
): Promise<void> {
  const tls = readTls(document.config.tls)
  const proxy = proxyOf(target, options.environment ?? process.env)
  const url = new URL(proxy ?? target)
  const secure = url.protocol === 'https:' || url.protocol === 'wss:'
  const port = Number(url.port || (secure ? 443 : 80))
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const subject = proxy === undefined ? `the target ${url.origin}` : `the proxy ${url.origin}`
  await new Promise<void>((resolve, reject) => {
    const socket = secure
      ? connectTls({
          host,
          port,
          ...(isIP(host) === 0 ? { servername: host } : {}),
          ...(proxy === undefined ? tls : {}),
        })
      : connectTcp({ host, port })
    const fail = (reason: string): void => {
      socket.destroy()
      reject(new TargetError(`${subject} can't be reached: ${reason}`))
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

function readTls(setting: unknown): ReturnType<typeof tlsOptions> {
  try {
    return tlsOptions(setting, 'config.tls')
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new ScriptError(message, { field: /^[\w.]+/.exec(message)?.[0] ?? 'config.tls', cause: error })
  }
}

/** By the rules of the engine on undici. */
function proxyOf(target: string, { HTTP_PROXY, HTTPS_PROXY }: NodeJS.ProcessEnv): string | undefined {
  const proxy = target.startsWith('https:') ? HTTPS_PROXY || HTTP_PROXY : HTTP_PROXY
  return proxy === undefined || !URL.canParse(proxy) ? undefined : proxy
}

function explain(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nothing listens there (ECONNREFUSED); is the service started?'
    case 'ENOTFOUND':
      return 'its name is not known (ENOTFOUND)'
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return `what listens there does not speak TLS (${error.code}); is it http:// instead of https://?`
    default:
      return error.code === undefined ? error.message : `${error.message} (${error.code})`
  }
}
