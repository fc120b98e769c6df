import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { EngineError } from '../artillery/errors.ts'

/** The default `accept-encoding` of requests: that of Artillery's HTTP engine on this version of Node. */
export const ACCEPT_ENCODING = 'gzip, deflate, br, zstd'

/**
 * Decodes a body by its `content-encoding` header; several codings are decoded from last to first. A body in an unknown
 * coding is returned unchanged.
 *
 * @param maxBytes the longest result
 * @throws EngineError ERR_BODY_DECODING for a corrupt body or one that is longer than `maxBytes` when decoded
 */
export function decompress(body: Buffer, contentEncoding: string | undefined, maxBytes: number): Buffer {
  if (contentEncoding === undefined || body.length === 0) return body
  const codings = contentEncoding.toLowerCase().split(',').reverse()
  try {
    return codings.reduce((bytes, coding) => decodeOne(bytes, coding.trim(), maxBytes), body)
  } catch (error) {
    throw new EngineError('ERR_BODY_DECODING', `The response body is not valid ${contentEncoding}`, { cause: error })
  }
}

function decodeOne(body: Buffer, coding: string, maxOutputLength: number): Buffer {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return gunzipSync(body, { maxOutputLength })
    case 'deflate':
      // Some servers send raw deflate; the zlib wrapper's first byte has 8 in its lower half.
      return ((body[0] ?? 0) & 0x0f) === 8
        ? inflateSync(body, { maxOutputLength })
        : inflateRawSync(body, { maxOutputLength })
    case 'br':
      return brotliDecompressSync(body, { maxOutputLength })
    case 'zstd':
      return zstdDecompressSync(body, { maxOutputLength })
    default:
      return body
  }
}
