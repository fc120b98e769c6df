import { type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

/** The first bytes of each journal; the digit is the version of the format. */
const MAGIC = Buffer.from('prometheus-sidecar journal 2\n')
/** Version 1 has no records for native histograms; it is read, and rewritten by the compaction at startup. */
const OLDER_MAGIC = Buffer.from('prometheus-sidecar journal 1\n')
const FRAME_HEADER_BYTES = 8
/** Larger than any frame; a length beyond it means corruption. */
const MAX_FRAME_BYTES = 1024 * 1024 * 1024

/** The bytes of an empty journal. */
export const EMPTY_JOURNAL: Buffer = MAGIC

/** Frames records: length, CRC-32, records. A frame is valid as a whole or not at all. */
export function frame(records: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(FRAME_HEADER_BYTES + records.length)
  framed.writeUInt32LE(records.length, 0)
  framed.writeUInt32LE(crc32(records), 4)
  records.copy(framed, FRAME_HEADER_BYTES)
  return framed
}

/** The file is not a journal of this version, or is damaged before its last frame. */
export class DamagedJournalError extends Error {
  readonly code = 'ERR_JOURNAL_DAMAGED'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DamagedJournalError'
  }
}

/**
 * Reads the frames of a journal in order. A last frame that is truncated or fails its checksum was being written when
 * the process ended: no request was acknowledged because of it, and it is skipped.
 *
 * @returns Where the last whole frame ends.
 * @throws {DamagedJournalError} Anything else is wrong.
 */
export async function readFrames(file: string, apply: (records: Buffer) => void): Promise<number> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    const magic = await read(handle, 0, Math.min(size, MAGIC.length))
    if (magic.length < MAGIC.length) {
      if ([MAGIC, OLDER_MAGIC].some((whole) => whole.subarray(0, magic.length).equals(magic))) return 0
      throw new DamagedJournalError('it is not a journal')
    }
    if (!magic.equals(MAGIC) && !magic.equals(OLDER_MAGIC)) {
      const known = MAGIC.subarray(0, -2)
      throw new DamagedJournalError(
        magic.subarray(0, -2).equals(known) ? 'its format is of another version' : 'it is not a journal',
      )
    }
    let position = MAGIC.length
    while (position < size) {
      const header = await read(handle, position, FRAME_HEADER_BYTES)
      if (header.length < FRAME_HEADER_BYTES) return position
      const length = header.readUInt32LE(0)
      const end = position + FRAME_HEADER_BYTES + length
      if (end > size) {
        if (length > MAX_FRAME_BYTES)
          throw new DamagedJournalError(`the frame at byte ${position} claims ${length} bytes`)
        return position
      }
      const records = await read(handle, position + FRAME_HEADER_BYTES, length)
      if (crc32(records) !== header.readUInt32LE(4)) {
        if (end === size) return position
        throw new DamagedJournalError(`the frame at byte ${position} fails its checksum`)
      }
      apply(records)
      position = end
    }
    return position
  } finally {
    await handle.close()
  }
}

async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

/** Writes all bytes at a position and waits until they are on disk. */
export async function writeDurably(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  await writeAll(handle, bytes, position)
  await handle.datasync()
}

/** Writes all bytes at a position, even if a nearly full disk accepts only some of them at first. */
export async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}
