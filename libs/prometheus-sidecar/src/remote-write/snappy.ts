/** The body is not a valid snappy block, or is too large. */
export class SnappyError extends Error {
  readonly code: 'ERR_SNAPPY_MALFORMED' | 'ERR_SNAPPY_TOO_LARGE'

  constructor(code: 'ERR_SNAPPY_MALFORMED' | 'ERR_SNAPPY_TOO_LARGE', message: string) {
    super(message)
    this.name = 'SnappyError'
    this.code = code
  }
}

/** Shorter literals are copied byte by byte: calling the runtime would be slower. */
const SHORT_LITERAL_BYTES = 32

/**
 * Decompresses one snappy block (the block format, without framing, as remote_write sends it).
 *
 * @param maxBytes - Limit of the decompressed length, checked before memory is allocated.
 * @throws {SnappyError} The block is too large or malformed.
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 */
export function decompressSnappyBlock(compressed: Buffer, maxBytes: number): Buffer {
  const header = readLength(compressed)
  if (header.length > maxBytes) {
    throw new SnappyError(
      'ERR_SNAPPY_TOO_LARGE',
      `the body decompresses to ${header.length} bytes, more than ${maxBytes}`,
    )
  }
  // One input byte makes at most 64/3 output bytes, so no memory is allocated for an impossible length.
  if (header.length > compressed.length * 24) {
    throw new SnappyError(
      'ERR_SNAPPY_MALFORMED',
      `the snappy block claims ${header.length} bytes, more than it can contain`,
    )
  }
  const output = Buffer.allocUnsafe(header.length)
  const written = decompressElements(compressed, header.end, output)
  if (written !== header.length) {
    throw new SnappyError(
      'ERR_SNAPPY_MALFORMED',
      `the snappy block claims ${header.length} bytes and contains ${written}`,
    )
  }
  return output
}

/** A snappy block of literals only: for short bodies that need no compression. */
export function compressLiterally(bytes: Buffer): Buffer {
  const header: number[] = []
  let rest = bytes.length
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) header.push((rest % 0x80) | 0x80)
  header.push(rest)
  if (bytes.length === 0) return Buffer.from(header)
  const literal = Buffer.alloc(5)
  literal[0] = LONGEST_LITERAL << 2
  literal.writeUInt32LE(bytes.length - 1, 1)
  return Buffer.concat([Buffer.from(header), literal, bytes])
}

/** The tag of a literal whose length is in the four bytes after it. */
const LONGEST_LITERAL = 63

function readLength(compressed: Buffer): { length: number; end: number } {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = compressed[index]
    if (byte === undefined) break
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) {
      if (length > 0xffffffff) break
      return { length, end: index + 1 }
    }
  }
  throw new SnappyError('ERR_SNAPPY_MALFORMED', 'the snappy block has no valid length at its start')
}

function decompressElements(input: Buffer, start: number, output: Buffer): number {
  const inputEnd = input.length
  const outputEnd = output.length
  const view = new DataView(output.buffer, output.byteOffset, outputEnd)
  let position = start
  let written = 0
  while (position < inputEnd) {
    const tag = at(input, position++)
    const kind = tag & 3
    if (kind === 0) {
      let length = (tag >>> 2) + 1
      if (length > 60) {
        const lengthBytes = length - 60
        if (position + lengthBytes > inputEnd) throw truncated()
        length = input.readUIntLE(position, lengthBytes) + 1
        position += lengthBytes
      }
      if (position + length > inputEnd) throw truncated()
      if (written + length > outputEnd) throw overflow(outputEnd)
      if (length < SHORT_LITERAL_BYTES) {
        for (let index = 0; index < length; index++) output[written + index] = at(input, position + index)
      } else {
        input.copy(output, written, position, position + length)
      }
      position += length
      written += length
      continue
    }
    let length: number
    let offset: number
    if (kind === 1) {
      if (position + 1 > inputEnd) throw truncated()
      length = ((tag >>> 2) & 7) + 4
      offset = ((tag >>> 5) << 8) | at(input, position)
      position += 1
    } else {
      length = (tag >>> 2) + 1
      const offsetBytes = kind === 2 ? 2 : 4
      if (position + offsetBytes > inputEnd) throw truncated()
      offset = kind === 2 ? at(input, position) | (at(input, position + 1) << 8) : input.readUInt32LE(position)
      position += offsetBytes
    }
    if (offset === 0 || offset > written) {
      throw new SnappyError(
        'ERR_SNAPPY_MALFORMED',
        `the snappy block copies from ${offset} bytes back after only ${written} bytes`,
      )
    }
    if (written + length > outputEnd) throw overflow(outputEnd)
    // Source and target may overlap, so that the copied bytes repeat: copy forwards, in steps no longer than the
    // offset.
    let source = written - offset
    const copied = written + length
    if (offset >= 4) {
      for (; written + 4 <= copied; written += 4, source += 4) view.setInt32(written, view.getInt32(source, true), true)
    }
    for (; written < copied; written++, source++) output[written] = at(output, source)
  }
  return written
}

/** The byte at an index that has already been checked. */
function at(bytes: Buffer, index: number): number {
  return bytes[index] as number
}

function truncated(): SnappyError {
  return new SnappyError('ERR_SNAPPY_MALFORMED', 'the snappy block ends inside an element')
}

function overflow(claimed: number): SnappyError {
  return new SnappyError('ERR_SNAPPY_MALFORMED', `the snappy block contains more than the ${claimed} bytes it claims`)
}
