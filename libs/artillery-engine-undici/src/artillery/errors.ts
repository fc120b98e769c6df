import { messageOf } from '@node-to-cloud/command-line/message-of'

/** An error of this engine. Artillery counts it as `errors.<code>`. */
export class EngineError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EngineError'
    this.code = code
  }
}

/** The code of what ended because the engine was stopped: not an error of the load. */
export const STOPPED = 'ERR_STOPPED'

/** undici's codes in the terms of Node's own sockets, which Artillery's reports and users' dashboards know. */
const NODE_CODES: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'ETIMEDOUT',
  UND_ERR_HEADERS_TIMEOUT: 'ETIMEDOUT',
  UND_ERR_BODY_TIMEOUT: 'ETIMEDOUT',
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_CLOSED: 'ECONNRESET',
}

/** The code of an error, if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** The name under which Artillery counts an error: its code, else its message. */
export function errorName(error: unknown): string {
  return codeOf(error) ?? messageOf(error)
}

/** An error of undici with the code that Node's own sockets would use; other errors unchanged. */
export function transportError(error: unknown): Error {
  const code = codeOf(error)
  const nodeCode = code === undefined ? undefined : NODE_CODES[code]
  if (nodeCode !== undefined) {
    return new EngineError(nodeCode, messageOf(error), { cause: error })
  }
  return error instanceof Error ? error : new Error(String(error), { cause: error })
}
