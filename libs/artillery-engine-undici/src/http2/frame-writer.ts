import type { Socket } from 'node:net'
import {
  ErrorCode,
  Flag,
  FRAME_BYTES,
  FRAME_HEAD_BYTES,
  FrameType,
  frameOf,
  Http2ProtocolError,
  INITIAL_WINDOW,
  PREFACE,
  writeFrameHead,
} from './frames.ts'

/** A peer that does not read while this much waits to be sent is disconnected. */
const MAX_UNREAD_BYTES = 1_048_576
const PING_BYTES = 8

/** Writes the frames of a connection. Responses to the peer are bounded, so that its requests can't fill the memory. */
export class FrameWriter {
  /** The longest payload that the peer accepts. */
  maxFrameBytes = FRAME_BYTES
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /**
   * The connection preface of a client.
   *
   * @param window how much the peer may send over the whole connection
   */
  preface(settings: readonly (readonly [setting: number, value: number])[], window: number): void {
    const numbers = settings.flatMap(([setting, value]) => [[setting, 2] as const, [value, 4] as const])
    this.#socket.write(
      Buffer.concat([
        Buffer.from(PREFACE, 'latin1'),
        frameOf(FrameType.settings, 0, 0, numbers),
        frameOf(FrameType.windowUpdate, 0, 0, [[window - INITIAL_WINDOW, 4]]),
      ]),
    )
  }

  /** @param block one character for each byte */
  headers(streamId: number, block: string, endsStream: boolean): void {
    let position = 0
    do {
      const part = block.slice(position, position + this.maxFrameBytes)
      const isFirst = position === 0
      position += part.length
      const flags = (position >= block.length ? Flag.endHeaders : 0) | (isFirst && endsStream ? Flag.endStream : 0)
      const type = isFirst ? FrameType.headers : FrameType.continuation
      const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + part.length)
      writeFrameHead(frame, part.length, type, flags, streamId)
      frame.write(part, FRAME_HEAD_BYTES, 'latin1')
      this.#socket.write(frame)
    } while (position < block.length)
  }

  data(streamId: number, part: Buffer, endsStream: boolean): void {
    const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES)
    writeFrameHead(head, part.length, FrameType.data, endsStream ? Flag.endStream : 0, streamId)
    this.#socket.write(part.length === 0 ? head : Buffer.concat([head, part]))
  }

  window(streamId: number, increment: number): void {
    this.#answer(frameOf(FrameType.windowUpdate, 0, streamId, [[increment, 4]]))
  }

  reset(streamId: number, errorCode: number): void {
    this.#answer(frameOf(FrameType.resetStream, 0, streamId, [[errorCode, 4]]))
  }

  settingsAck(): void {
    this.#answer(frameOf(FrameType.settings, Flag.ack, 0, []))
  }

  pingAck(payload: Buffer): void {
    const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + PING_BYTES)
    writeFrameHead(frame, PING_BYTES, FrameType.ping, Flag.ack, 0)
    payload.copy(frame, FRAME_HEAD_BYTES)
    this.#answer(frame)
  }

  goAway(errorCode: number): void {
    const lastStreamId = 0
    this.#socket.write(
      frameOf(FrameType.goAway, 0, 0, [
        [lastStreamId, 4],
        [errorCode, 4],
      ]),
    )
  }

  #answer(frame: Buffer): void {
    this.#socket.write(frame)
    if (this.#socket.writableLength > MAX_UNREAD_BYTES)
      throw new Http2ProtocolError(ErrorCode.enhanceYourCalm, 'the server does not read the replies it asks for')
  }
}
