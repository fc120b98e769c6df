import path from 'node:path'
import { Readable } from 'node:stream'
import type { VirtualUserContext } from '../artillery/contract.ts'
import { EngineError } from '../artillery/errors.ts'
import { isRecord, recordOrEmpty } from '../artillery/record.ts'
import { encodeMultipart } from './multipart.ts'

/** The body of a request as it is sent. */
export interface RequestBody {
  /** A function opens the body from its start, so that a redirect can send it again. */
  content: string | Uint8Array | Readable | (() => AsyncIterable<Buffer>)
  /** Sent if the script sets no `content-type`. */
  contentType?: string
  contentLength?: number
}

/** The body settings of a request, templates rendered. */
export interface BodySettings {
  json?: unknown
  form?: unknown
  formData?: unknown
  body?: unknown
}

/**
 * Encodes a request's body: `formData`, `json`, `form` or `body`, the first of them that is set. Only `formData` reads
 * files, and so returns a promise.
 *
 * @throws EngineError ERR_BODY for a `body` that is not a string, bytes or a stream
 */
export function encodeBody(
  settings: BodySettings,
  context: VirtualUserContext,
): RequestBody | undefined | Promise<RequestBody> {
  if (settings.formData) return encodeFormData(recordOrEmpty(settings.formData), context)
  if (settings.json !== undefined && (settings.json || settings.body === undefined)) {
    return { content: JSON.stringify(settings.json), contentType: 'application/json' }
  }
  if (isRecord(settings.form)) {
    // Lists become `a,b` and objects `[object Object]`, as Artillery sends them.
    const pairs = Object.entries(settings.form).map(([name, value]): [string, string] => [name, String(value)])
    return { content: new URLSearchParams(pairs).toString(), contentType: 'application/x-www-form-urlencoded' }
  }
  const { body } = settings
  if (body === undefined || body === null) return undefined
  if (typeof body === 'string' || body instanceof Uint8Array || body instanceof Readable) return { content: body }
  if (typeof body === 'number' || typeof body === 'boolean') return { content: String(body) }
  throw new EngineError(
    'ERR_BODY',
    `body is of type ${typeof body}: use a string, a Buffer or a stream, or use json or form instead`,
  )
}

async function encodeFormData(fields: Record<string, unknown>, context: VirtualUserContext): Promise<RequestBody> {
  const scriptFile = context.vars.$scenarioFile
  const directory = typeof scriptFile === 'string' ? path.dirname(scriptFile) : process.cwd()
  const multipart = await encodeMultipart(fields, directory)
  return { content: multipart.open, contentType: multipart.contentType, contentLength: multipart.contentLength }
}
