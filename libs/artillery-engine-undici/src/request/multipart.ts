import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import mime from 'mime-types'
import { isRecord } from '../artillery/record.ts'

/** One part of a form: a value in memory or a file. */
interface Part {
  head: string
  content: Buffer | string
  file: boolean
}

/** A multipart/form-data body. */
export interface MultipartBody {
  contentType: string
  contentLength: number
  /** Reads the whole body, from its start at each call. Files are streamed, never held in memory. */
  open(): AsyncIterable<Buffer>
}

/**
 * Encodes `formData` (RFC 7578). A field is a value, or `{ value, contentType }`, or `{ fromFile, contentType }` with a
 * path relative to the script.
 *
 * @param fields templates rendered
 * @throws the file system's error for a file that can't be read
 */
export async function encodeMultipart(fields: Record<string, unknown>, baseDirectory: string): Promise<MultipartBody> {
  const boundary = `--------------------------${randomBytes(12).toString('hex')}`
  const parts = Object.entries(fields).map(([name, field]) => partOf(name, field, boundary, baseDirectory))
  const tail = `--${boundary}--\r\n`
  let contentLength = tail.length
  for (const part of parts) {
    const contentBytes = part.file ? (await stat(part.content)).size : part.content.length
    contentLength += Buffer.byteLength(part.head) + contentBytes + 2
  }
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    contentLength,
    async *open() {
      for (const part of parts) {
        yield Buffer.from(part.head)
        if (part.file) yield* readFile(part.content)
        else yield Buffer.from(part.content)
        yield Buffer.from('\r\n')
      }
      yield Buffer.from(tail)
    },
  }
}

async function* readFile(file: Buffer | string): AsyncIterable<Buffer> {
  for await (const chunk of createReadStream(file)) {
    yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
  }
}

function partOf(name: string, field: unknown, boundary: string, baseDirectory: string): Part {
  const disposition = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"`
  const isSpec = isRecord(field) && !Array.isArray(field) && !Buffer.isBuffer(field)
  const givenType = isSpec && field.contentType ? `\r\nContent-Type: ${String(field.contentType)}` : undefined
  if (isSpec && field.fromFile) {
    const file = path.resolve(baseDirectory, String(field.fromFile))
    const type = givenType ?? `\r\nContent-Type: ${mime.lookup(file) || 'application/octet-stream'}`
    const head = `${disposition}; filename="${escaped(path.basename(file))}"${type}\r\n\r\n`
    return { head, content: file, file: true }
  }
  const value = isSpec ? field.value : field
  const content = Buffer.isBuffer(value) ? value : Buffer.from(value === undefined ? '' : String(value))
  return { head: `${disposition}${givenType ?? ''}\r\n\r\n`, content, file: false }
}

function escaped(text: string): string {
  return text.replace(/\r/g, '%0D').replace(/\n/g, '%0A').replace(/"/g, '%22')
}
