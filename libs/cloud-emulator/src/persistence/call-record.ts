import { crc32 } from 'node:zlib'

/** A call that changed something, as stored on disk. */
export interface CallRecord {
  /** The emulator's time, in epoch milliseconds. */
  readonly timeMs: number
  /** `SERVICE/METHOD`. */
  readonly method: string
  /** Whether it was received over TLS. */
  readonly secure: boolean
  /** The request message, in protobuf. */
  readonly request: Uint8Array
}

/** Length and checksum of a record's bytes. */
const FRAME_BYTES = 8
/** Time, flags, length of the method's name. */
const HEAD_BYTES = 11
/** A longer record can't have been written: no transport accepts such requests. */
const MAX_RECORD_BYTES = 256 * 1024 * 1024

/** Encodes a record with its frame. */
export function encodeRecord({ timeMs, method, secure, request }: CallRecord): Buffer {
  const name = Buffer.from(method)
  const frame = Buffer.allocUnsafe(FRAME_BYTES + HEAD_BYTES + name.length + request.length)
  const body = frame.subarray(FRAME_BYTES)
  body.writeDoubleLE(timeMs, 0)
  body.writeUInt8(secure ? 1 : 0, 8)
  body.writeUInt16LE(name.length, 9)
  name.copy(body, HEAD_BYTES)
  body.set(request, HEAD_BYTES + name.length)
  frame.writeUInt32LE(body.length, 0)
  frame.writeUInt32LE(crc32(body), 4)
  return frame
}

/** The records of a file up to the first damaged one, which starts at `validBytes`. */
export function decodeRecords(bytes: Buffer): { readonly records: CallRecord[]; readonly validBytes: number } {
  const records: CallRecord[] = []
  let at = 0
  while (at + FRAME_BYTES <= bytes.length) {
    const length = bytes.readUInt32LE(at)
    const end = at + FRAME_BYTES + length
    if (length < HEAD_BYTES || length > MAX_RECORD_BYTES || end > bytes.length) break
    const body = bytes.subarray(at + FRAME_BYTES, end)
    const nameEnd = HEAD_BYTES + body.readUInt16LE(9)
    if (crc32(body) !== bytes.readUInt32LE(at + 4) || nameEnd > length) break
    records.push({
      timeMs: body.readDoubleLE(0),
      secure: body.readUInt8(8) === 1,
      method: body.toString('utf8', HEAD_BYTES, nameEnd),
      request: body.subarray(nameEnd),
    })
    at = end
  }
  return { records, validBytes: at }
}
