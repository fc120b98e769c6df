import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { tlsOptions } from '@node-to-cloud/artillery-engine-undici'
import { messageOf } from '@node-to-cloud/command-line'
import type { LoadScript } from '../script/script.ts'
import { ScriptError } from '../script/script-error.ts'

/** The target can't be reached; the message says why. */
export class TargetError extends Error {
  readonly code = 'ERR_TARGET_UNREACHABLE'
  readonly exitCode = 2
}

export interface CheckTargetOptions {
  readonly timeoutMs?: number
  /** Has HTTP_PROXY and HTTPS_PROXY: if requests go through a proxy, the proxy is checked instead of the target. */
  readonly environment?: NodeJS.ProcessEnv
}

const DEFAULT_TIMEOUT_MS = 5000

/**
 * Connects to a script's target once, with the script's TLS settings for https, and disconnects.
 *
 * @throws TargetError if its name can't be resolved, nothing is listening there, or its certificate is not trusted.
 * @throws ScriptError for a `config.tls` that can't be used.
 */
export async function checkTargetReachable(
  { target, document }: Pick<LoadScript, 'target' | 'document'>,
  options: CheckTargetOptions = {},
): Promise<void> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, environment = process.env } = options
  const tls = readTls(document.config.tls)
  const proxy = proxyOf(target, environment)
  const url = new URL(proxy ?? target)
  const isSecure = url.protocol === 'https:' || url.protocol === 'wss:'
  const address = { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port || (isSecure ? 443 : 80)) }
  await new Promise<void>((resolve, reject) => {
    const servername = isIP(address.host) === 0 ? { servername: address.host } : {}
    const socket = isSecure
      ? connectTls({ ...address, ...servername, ...(proxy === undefined ? tls : {}) })
      : connectTcp(address)
    const fail = (reason: string): void => {
      socket.destroy()
      reject(
        new TargetError(`the ${proxy === undefined ? 'target' : 'proxy'} ${url.origin} can't be reached: ${reason}`),
      )
    }
    socket.setTimeout(timeoutMs, () => fail(`no connection within ${timeoutMs / 1000} s`))
    socket.once('error', (error: NodeJS.ErrnoException) => fail(explain(error)))
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      socket.destroy()
      resolve()
    })
  })
}

function readTls(setting: unknown): ReturnType<typeof tlsOptions> {
  try {
    return tlsOptions(setting, 'config.tls')
  } catch (error) {
    const message = messageOf(error)
    throw new ScriptError(message, { field: /^[\w.]+/.exec(message)?.[0] ?? 'config.tls', cause: error })
  }
}

/** Follows the rules of the undici engine. */
function proxyOf(target: string, { HTTP_PROXY, HTTPS_PROXY }: NodeJS.ProcessEnv): string | undefined {
  const proxy = target.startsWith('https:') ? HTTPS_PROXY || HTTP_PROXY : HTTP_PROXY
  return proxy === undefined || !URL.canParse(proxy) ? undefined : proxy
}

function explain(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nothing is listening there (ECONNREFUSED); is the service running?'
    case 'ENOTFOUND':
      return "its name can't be resolved (ENOTFOUND)"
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return `it does not speak TLS (${error.code}); use http:// instead of https://`
    default:
      return error.code === undefined ? error.message : `${error.message} (${error.code})`
  }
}
