import { messageOf } from '@node-to-cloud/command-line/message-of'
import { parserCode } from './parser-code.ts'

/** An error of this engine. Artillery counts it as `errors.<code>`. */
export class EngineError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EngineError'
    this.code = code
  }
}

/** The code of whatever ended because the engine was stopped; it is not an error of the load. */
export const STOPPED = 'ERR_STOPPED'

/** undici's codes in the terms of Node's own sockets, which Artillery's reports and users' dashboards know. */
const NODE_CODES: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'ETIMEDOUT',
  UND_ERR_HEADERS_TIMEOUT: 'ETIMEDOUT',
  UND_ERR_BODY_TIMEOUT: 'ETIMEDOUT',
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_CLOSED: 'ECONNRESET',
  UND_ERR_HEADERS_OVERFLOW: 'HPE_HEADER_OVERFLOW',
  // Several Content-Length headers: the parser ends any other body where its length says.
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'HPE_UNEXPECTED_CONTENT_LENGTH',
}

/** The longest name made of an object that has neither code nor message. */
const MAX_NAME_LENGTH = 100

/** The code of an error, if it has one: that of a plain object too, and a number as a string. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  const { code } = error
  return (typeof code === 'string' && code !== '') || typeof code === 'number' ? String(code) : undefined
}

/** The name under which Artillery counts an error: its code, else its message. A hook may fail with a plain object. */
export function errorName(error: unknown): string {
  const code = codeOf(error)
  if (code !== undefined) return code
  if (error instanceof Error || typeof error !== 'object' || error === null) return messageOf(error)
  if ('message' in error && typeof error.message === 'string' && error.message !== '') return error.message
  return jsonOf(error)
}

/** An error of undici with the code that Node's own sockets and parser would use; other errors unchanged. */
export function transportError(error: unknown): Error {
  const code = codeOf(error)
  const nodeCode = code === undefined ? parserCode(messageOf(error)) : NODE_CODES[code]
  if (nodeCode !== undefined) return new EngineError(nodeCode, messageOf(error), { cause: error })
  return error instanceof Error ? error : new Error(messageOf(error), { cause: error })
}

function jsonOf(value: object): string {
  try {
    return JSON.stringify(value).slice(0, MAX_NAME_LENGTH)
  } catch {
    return 'an object without a code or a message'
  }
}
