import type { Socket } from 'node:net'
import { EngineError } from '../artillery/errors.ts'
import { FrameWriter } from './frame-writer.ts'
import {
  ErrorCode,
  Flag,
  FRAME_BYTES,
  FRAME_HEAD_BYTES,
  type Frame,
  FrameReader,
  FrameType,
  Http2ProtocolError,
  INITIAL_WINDOW,
  MAX_WINDOW,
  protocolError,
  Setting,
  unpadded,
} from './frames.ts'
import { HeaderDecoder } from './header-decoder.ts'
import { NO_TABLE } from './header-encoder.ts'
import { Http2Stream, type ResponseListener } from './http2-stream.ts'

/** A request to send on a connection. */
export interface Http2Request {
  readonly method: string
  /** The headers, encoded: pseudo-headers first, names in lower case. */
  readonly block: string
  /** Nothing follows the headers. */
  readonly isEmpty: boolean
}

/** The receive window of a stream; received data is consumed at once. */
const STREAM_WINDOW = 1_048_576
const CONNECTION_WINDOW = 16_777_216
const MAX_HEADER_LIST_BYTES = 65_536
const MAX_HEADER_BLOCK_BYTES = 262_144
/** How many requests may run before the server has sent its limit: it refuses the excess. */
const FIRST_CONCURRENT_STREAMS = 1
const LAST_STREAM_ID = 2 ** 31 - 1

/** The client's side of an HTTP/2 connection (RFC 9113), for many short requests. Server push is disabled. */
export class Http2Connection {
  readonly #socket: Socket
  readonly #streams = new Map<number, Http2Stream>()
  readonly #reader = new FrameReader()
  readonly #writer: FrameWriter
  readonly #decoder = new HeaderDecoder(MAX_HEADER_LIST_BYTES)
  readonly #onClose: () => void
  /** Requests that wait until the server accepts another stream. */
  readonly #waiting: { readonly listener: ResponseListener; readonly start: () => void }[] = []
  #nextId = 1
  #sendWindow = INITIAL_WINDOW
  #received = 0
  #streamWindow = INITIAL_WINDOW
  #concurrentStreams = FIRST_CONCURRENT_STREAMS
  #hasSettings = false
  #saysNoTable = false
  /** A header block whose rest is still to come. */
  #block: { readonly streamId: number; readonly flags: number; readonly parts: Buffer[]; bytes: number } | undefined
  #isClosing = false
  #isClosed = false

  readonly #takers = new Map<number, (frame: Frame) => void>([
    [FrameType.data, (frame) => this.#takeData(frame)],
    [FrameType.headers, (frame) => this.#takeHeaders(frame)],
    [FrameType.continuation, (frame) => this.#takeContinuation(frame)],
    [FrameType.resetStream, (frame) => this.#takeReset(frame)],
    [FrameType.settings, (frame) => this.#takeSettings(frame)],
    [
      FrameType.pushPromise,
      () => {
        throw protocolError('the server sent PUSH_PROMISE although push is disabled')
      },
    ],
    [FrameType.ping, (frame) => this.#takePing(frame)],
    [FrameType.goAway, (frame) => this.#takeGoAway(frame)],
    [FrameType.windowUpdate, (frame) => this.#takeWindow(frame)],
  ])

  /** @param onClose called when it has ended. */
  constructor(socket: Socket, onClose: () => void) {
    this.#socket = socket
    this.#writer = new FrameWriter(socket)
    this.#onClose = onClose
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy(lost('The connection was closed')))
    this.#writer.preface(
      [
        [Setting.enablePush, 0],
        [Setting.initialWindowSize, STREAM_WINDOW],
        [Setting.maxHeaderListSize, MAX_HEADER_LIST_BYTES],
      ],
      CONNECTION_WINDOW,
    )
    socket.unref()
  }

  /** Requests that have not ended. */
  get size(): number {
    return this.#streams.size + this.#waiting.length
  }

  /** Whether it accepts further requests. */
  get isOpen(): boolean {
    return !this.#isClosing && !this.#isClosed && this.#nextId < LAST_STREAM_ID
  }

  /**
   * Sends a request, at once or when the server accepts another stream.
   *
   * @param onStream called with its stream.
   */
  request(
    { method, block, isEmpty }: Http2Request,
    listener: ResponseListener,
    onStream: (stream: Http2Stream) => void,
  ): void {
    const start = (): void => {
      this.#socket.cork()
      onStream(this.#start(method, block, isEmpty, listener))
      this.#socket.uncork()
    }
    if (this.#streams.size >= this.#concurrentStreams) {
      this.#waiting.push({ listener, start })
      return
    }
    start()
  }

  /** Sends a part of a request's body as far as the flow-control window allows, and the rest later. */
  send(stream: Http2Stream, part: Buffer | undefined, isLast: boolean): void {
    if (part !== undefined && part.length > 0) stream.outgoing.push(part)
    stream.isWhole = isLast
    this.#flush(stream)
  }

  /** Cancels a request; given its listener, one that still waits. */
  cancel(request: Http2Stream | ResponseListener): void {
    if (request instanceof Http2Stream) {
      if (this.#streams.has(request.id)) this.#reset(request, ErrorCode.cancel)
      return
    }
    const index = this.#waiting.findIndex(({ listener }) => listener === request)
    if (index !== -1) this.#waiting.splice(index, 1)
    this.#closeOrUnref()
  }

  /** Ends the connection when all requests have ended. */
  close(): void {
    this.#isClosing = true
    this.#closeOrUnref()
  }

  /** Ends the connection at once; requests in flight fail with the error. */
  destroy(error: Error): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#onClose()
    this.#socket.destroy()
    const streams = [...this.#streams.values()]
    this.#streams.clear()
    for (const stream of streams) stream.fail(error)
    for (const { listener } of this.#waiting.splice(0)) listener.onError(error)
  }

  #start(method: string, block: string, isEmpty: boolean, listener: ResponseListener): Http2Stream {
    const stream = new Http2Stream(this.#nextId, method, this.#streamWindow, listener)
    this.#nextId += 2
    stream.isWhole = isEmpty
    stream.isSent = isEmpty
    if (this.#streams.size === 0) this.#socket.ref()
    this.#streams.set(stream.id, stream)
    this.#writer.headers(stream.id, this.#saysNoTable ? NO_TABLE + block : block, isEmpty)
    this.#saysNoTable = false
    return stream
  }

  #flush(stream: Http2Stream): void {
    while (!stream.isSent && !this.#isClosed) {
      const next = stream.outgoing[0]
      if (next === undefined && !stream.isWhole) {
        stream.onDrained?.()
        return
      }
      const room = Math.min(this.#sendWindow, stream.sendWindow, this.#writer.maxFrameBytes)
      if (next !== undefined && room <= 0) return
      const part = next?.subarray(0, room) ?? Buffer.alloc(0)
      if (next !== undefined && part.length < next.length) stream.outgoing[0] = next.subarray(part.length)
      else stream.outgoing.shift()
      stream.isSent = stream.isWhole && stream.outgoing.length === 0
      this.#sendWindow -= part.length
      stream.sendWindow -= part.length
      this.#writer.data(stream.id, part, stream.isSent)
    }
  }

  #read(chunk: Buffer): void {
    if (this.#isClosed) return
    try {
      this.#reader.read(chunk, (frame) => {
        if (!this.#isClosed) this.#take(frame)
      })
    } catch (error) {
      this.#giveUp(
        error instanceof Http2ProtocolError ? error : new Http2ProtocolError(ErrorCode.compression, String(error)),
      )
    }
  }

  #take(frame: Frame): void {
    const { type, streamId } = frame
    if (!this.#hasSettings && type !== FrameType.settings)
      throw protocolError('the first frame from the server is not SETTINGS')
    if (this.#block !== undefined && (type !== FrameType.continuation || streamId !== this.#block.streamId))
      throw protocolError('expected a CONTINUATION frame')
    // Frames of other types are ignored, as RFC 9113, 4.1 requires.
    this.#takers.get(type)?.(frame)
  }

  #takeData(frame: Frame): void {
    const { streamId, flags, payload } = frame
    const stream = this.#streamOf(streamId)
    this.#received += payload.length
    if (this.#received > CONNECTION_WINDOW)
      throw protocolError('the server exceeded the flow-control window', ErrorCode.flowControl)
    if (this.#received >= CONNECTION_WINDOW / 2) {
      this.#writer.window(0, this.#received)
      this.#received = 0
    }
    // It was cancelled before.
    if (stream === undefined) return
    stream.received += payload.length
    if (stream.received > STREAM_WINDOW)
      throw protocolError('the server exceeded the flow-control window', ErrorCode.flowControl)
    const endsStream = (flags & Flag.endStream) !== 0
    if (!endsStream && stream.received >= STREAM_WINDOW / 2) {
      this.#writer.window(streamId, stream.received)
      stream.received = 0
    }
    this.#settle(stream, endsStream, () => stream.takeData(unpadded(frame), endsStream))
  }

  #takeHeaders(frame: Frame): void {
    const { streamId, flags } = frame
    const block = unpadded(frame)
    if ((flags & Flag.endHeaders) !== 0) this.#takeBlock(streamId, flags, block)
    else this.#block = { streamId, flags, parts: [block], bytes: block.length }
  }

  #takeContinuation({ flags, payload }: Frame): void {
    const block = this.#block
    if (block === undefined) throw protocolError('unexpected CONTINUATION frame')
    block.parts.push(payload)
    block.bytes += payload.length + FRAME_HEAD_BYTES
    if (block.bytes > MAX_HEADER_BLOCK_BYTES) throw protocolError('header block too long', ErrorCode.enhanceYourCalm)
    if ((flags & Flag.endHeaders) === 0) return
    this.#block = undefined
    this.#takeBlock(block.streamId, block.flags, Buffer.concat(block.parts))
  }

  #takeBlock(streamId: number, flags: number, block: Buffer): void {
    const stream = this.#streamOf(streamId)
    // Also for a cancelled stream: later header blocks refer to the same table.
    const fields = this.#decoder.decode(block)
    const endsStream = (flags & Flag.endStream) !== 0
    if (stream !== undefined) this.#settle(stream, endsStream, () => stream.takeHeaders(fields, endsStream))
  }

  /** Passes a frame to a stream, and ends the stream if that was its last frame, or an invalid one. */
  #settle(stream: Http2Stream, endsStream: boolean, take: () => string | undefined): void {
    // The stream ends before its listener is notified, which may send the next request.
    if (endsStream) this.#remove(stream)
    const problem = take()
    if (problem !== undefined || (endsStream && !stream.isSent))
      this.#sendReset(stream.id, problem === undefined ? ErrorCode.noError : ErrorCode.protocol)
    if (problem !== undefined) this.#remove(stream)
  }

  #takeReset({ streamId, payload }: Frame): void {
    if (payload.length !== 4) throw protocolError('invalid frame length', ErrorCode.frameSize)
    const stream = this.#streamOf(streamId)
    if (stream === undefined) return
    this.#remove(stream)
    stream.wasReset(payload.readUInt32BE(0))
  }

  #takeSettings({ flags, payload, streamId }: Frame): void {
    if (streamId !== 0) throw protocolError('SETTINGS frame on a stream')
    if ((flags & Flag.ack) !== 0) return
    if (payload.length % 6 !== 0) throw protocolError('invalid frame length', ErrorCode.frameSize)
    if (!this.#hasSettings) this.#concurrentStreams = Number.POSITIVE_INFINITY
    this.#hasSettings = true
    for (let index = 0; index < payload.length; index += 6)
      this.#set(payload.readUInt16BE(index), payload.readUInt32BE(index + 2))
    this.#writer.settingsAck()
    this.#startWaiting()
  }

  #set(setting: number, value: number): void {
    if (setting === Setting.headerTableSize) this.#saysNoTable = true
    else if (setting === Setting.maxConcurrentStreams) this.#concurrentStreams = value
    else if (setting === Setting.maxFrameSize) {
      if (value < FRAME_BYTES || value > 2 ** 24 - 1) throw protocolError(`invalid maximum frame size: ${value} bytes`)
      this.#writer.maxFrameBytes = value
    } else if (setting === Setting.initialWindowSize) {
      if (value > MAX_WINDOW) throw protocolError(`invalid initial window size: ${value} bytes`, ErrorCode.flowControl)
      const change = value - this.#streamWindow
      this.#streamWindow = value
      for (const stream of this.#streams.values()) {
        stream.sendWindow += change
        this.#flush(stream)
      }
    }
  }

  #takePing({ flags, payload }: Frame): void {
    if (payload.length !== 8) throw protocolError('invalid frame length', ErrorCode.frameSize)
    if ((flags & Flag.ack) === 0) this.#writer.pingAck(payload)
  }

  #takeGoAway({ payload }: Frame): void {
    if (payload.length < 8) throw protocolError('invalid frame length', ErrorCode.frameSize)
    const lastId = payload.readUInt32BE(0) & MAX_WINDOW
    const errorCode = payload.readUInt32BE(4)
    if (errorCode !== ErrorCode.noError) throw protocolError('the server closed the connection with GOAWAY', errorCode)
    this.#isClosing = true
    for (const stream of [...this.#streams.values()].filter(({ id }) => id > lastId)) {
      this.#remove(stream)
      stream.fail(lost('The server accepts no more requests on this connection'))
    }
    this.close()
  }

  #takeWindow({ streamId, payload }: Frame): void {
    if (payload.length !== 4) throw protocolError('invalid frame length', ErrorCode.frameSize)
    const increment = payload.readUInt32BE(0) & MAX_WINDOW
    if (increment === 0) throw protocolError('WINDOW_UPDATE with an increment of 0')
    if (streamId !== 0) {
      const stream = this.#streamOf(streamId)
      if (stream === undefined) return
      stream.sendWindow += increment
      if (stream.sendWindow > MAX_WINDOW) throw protocolError('flow-control window overflow', ErrorCode.flowControl)
      this.#flush(stream)
      return
    }
    this.#sendWindow += increment
    if (this.#sendWindow > MAX_WINDOW) throw protocolError('flow-control window overflow', ErrorCode.flowControl)
    for (const stream of this.#streams.values()) this.#flush(stream)
  }

  /** @returns undefined for one that has ended. */
  #streamOf(streamId: number): Http2Stream | undefined {
    if (streamId === 0 || streamId % 2 === 0 || streamId >= this.#nextId)
      throw protocolError(`frame on unknown stream ${streamId}`)
    return this.#streams.get(streamId)
  }

  #reset(stream: Http2Stream, errorCode: number): void {
    this.#remove(stream)
    this.#sendReset(stream.id, errorCode)
  }

  #sendReset(streamId: number, errorCode: number): void {
    if (!this.#isClosed) this.#writer.reset(streamId, errorCode)
  }

  #remove(stream: Http2Stream): void {
    if (!this.#streams.delete(stream.id)) return
    if (this.#waiting.length > 0) this.#startWaiting()
    this.#closeOrUnref()
  }

  /** Does not keep the process alive while idle; ends if it is to be closed. */
  #closeOrUnref(): void {
    if (this.size > 0) return
    if (this.#isClosing) this.#socket.end()
    else this.#socket.unref()
  }

  #startWaiting(): void {
    while (this.#waiting.length > 0 && this.#streams.size < this.#concurrentStreams) {
      this.#waiting.shift()?.start()
    }
  }

  #giveUp(error: Http2ProtocolError): void {
    if (this.#isClosed) return
    this.#writer.goAway(error.errorCode)
    this.destroy(error)
  }
}

function lost(message: string): EngineError {
  return new EngineError('ECONNRESET', message)
}
