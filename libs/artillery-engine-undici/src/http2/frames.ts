/** Frame types of RFC 9113, 6. */
export const FrameType = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const Flag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const

export const Setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const

/** Error codes of RFC 9113, 7, under the names that Node uses. */
export const ERROR_NAMES = [
  ...['NGHTTP2_NO_ERROR', 'NGHTTP2_PROTOCOL_ERROR', 'NGHTTP2_INTERNAL_ERROR', 'NGHTTP2_FLOW_CONTROL_ERROR'],
  ...['NGHTTP2_SETTINGS_TIMEOUT', 'NGHTTP2_STREAM_CLOSED', 'NGHTTP2_FRAME_SIZE_ERROR', 'NGHTTP2_REFUSED_STREAM'],
  ...['NGHTTP2_CANCEL', 'NGHTTP2_COMPRESSION_ERROR', 'NGHTTP2_CONNECT_ERROR', 'NGHTTP2_ENHANCE_YOUR_CALM'],
  ...['NGHTTP2_INADEQUATE_SECURITY', 'NGHTTP2_HTTP_1_1_REQUIRED'],
]
export const ErrorCode = {
  noError: 0,
  protocol: 1,
  flowControl: 3,
  frameSize: 6,
  cancel: 8,
  compression: 9,
  enhanceYourCalm: 11,
} as const

export const FRAME_HEAD_BYTES = 9
/** The longest payload that either side takes unless it says otherwise. */
export const FRAME_BYTES = 16_384
export const MAX_WINDOW = 2 ** 31 - 1
export const INITIAL_WINDOW = 65_535
export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

/** A frame (RFC 9113, 4.1). */
export interface Frame {
  readonly type: number
  readonly flags: number
  readonly streamId: number
  readonly payload: Buffer
}

/** The peer has broken the protocol: the connection can't be used any longer. */
export class Http2ProtocolError extends Error {
  readonly code = 'ERR_HTTP2_SESSION_ERROR'
  readonly errorCode: number

  constructor(errorCode: number, message: string) {
    super(`${message} (${ERROR_NAMES[errorCode] ?? errorCode})`)
    this.errorCode = errorCode
  }
}

/** The error for a peer that breaks the protocol; by default its code is PROTOCOL_ERROR. */
export function protocolError(message: string, errorCode: number = ErrorCode.protocol): Http2ProtocolError {
  return new Http2ProtocolError(errorCode, message)
}

/** Writes the nine bytes that precede a payload of `length` bytes. */
export function writeFrameHead(into: Buffer, length: number, type: number, flags: number, streamId: number): void {
  into.writeUIntBE(length, 0, 3)
  into[3] = type
  into[4] = flags
  into.writeUInt32BE(streamId, 5)
}

/** A frame whose payload is a list of numbers, by their sizes in bytes. */
export function frameOf(
  type: number,
  flags: number,
  streamId: number,
  numbers: readonly (readonly [value: number, bytes: number])[],
): Buffer {
  const length = numbers.reduce((sum, [, bytes]) => sum + bytes, 0)
  const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + length)
  writeFrameHead(frame, length, type, flags, streamId)
  let position = FRAME_HEAD_BYTES
  for (const [value, bytes] of numbers) position = frame.writeUIntBE(value, position, bytes)
  return frame
}

/** Splits the bytes of a connection into frames. */
export class FrameReader {
  #held: Buffer | undefined

  /** @throws Http2ProtocolError for a frame that is too long. */
  read(chunk: Buffer, take: (frame: Frame) => void): void {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = undefined
    let position = 0
    while (position + FRAME_HEAD_BYTES <= bytes.length) {
      const length = bytes.readUIntBE(position, 3)
      if (length > FRAME_BYTES)
        throw new Http2ProtocolError(
          ErrorCode.frameSize,
          `frame of ${length} bytes; at most ${FRAME_BYTES} are allowed`,
        )
      const end = position + FRAME_HEAD_BYTES + length
      if (end > bytes.length) break
      take({
        type: bytes[position + 3] ?? 0,
        flags: bytes[position + 4] ?? 0,
        streamId: bytes.readUInt32BE(position + 5) & 0x7fffffff,
        payload: bytes.subarray(position + FRAME_HEAD_BYTES, end),
      })
      position = end
    }
    if (position < bytes.length) this.#held = position === 0 ? bytes : bytes.subarray(position)
  }
}

/** The payload of a frame without its padding, and without the priority that HEADERS may begin with. */
export function unpadded({ flags, payload, type }: Frame): Buffer {
  let start = 0
  let end = payload.length
  if ((flags & Flag.padded) !== 0) {
    start = 1
    end -= payload[0] ?? 0
  }
  if (type === FrameType.headers && (flags & Flag.priority) !== 0) start += 5
  if (start > end) throw new Http2ProtocolError(ErrorCode.protocol, 'padding exceeds the frame length')
  return start === 0 && end === payload.length ? payload : payload.subarray(start, end)
}
