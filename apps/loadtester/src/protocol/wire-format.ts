import { messageOf } from '@node-to-cloud/command-line'
import { Tally } from '../results/tally.ts'
import { decodeTally, encodeTally } from '../results/tally-codec.ts'
import { MAX_TAGS } from '../script/scenario-tags.ts'
import { MAX_MESSAGE_BYTES, type MasterMessage, type Report, type RunSnapshot, type WorkerMessage } from './messages.ts'
import type { WireFormat } from './websocket-channel.ts'

/** The text is not a message of the protocol. */
export class ProtocolError extends Error {
  readonly code = 'ERR_PROTOCOL'
}

type Check = (value: unknown) => boolean
type Shape = Readonly<Record<string, Check>>

const MAX_STRING_LENGTH = 4096
const MAX_SEGMENTS = 100_000
const MAX_WORKERS = 10_000
const MAX_WINDOWS = 1000
const MAX_SCENARIOS = 1000
const MAX_LOG_LINES = 100

const string: Check = (value) => typeof value === 'string' && value.length <= MAX_STRING_LENGTH
const boolean: Check = (value) => typeof value === 'boolean'
const finite: Check = (value) => typeof value === 'number' && Number.isFinite(value)
const between =
  (minimum: number, maximum: number): Check =>
  (value) =>
    typeof value === 'number' && value >= minimum && value <= maximum
const count = between(0, Number.MAX_SAFE_INTEGER)
/** Milliseconds since the epoch, until the year 5138. */
const time = between(0, 1e14)
const weight = between(0.01, 10_000)
/** Far above what any run has, and far below where whole numbers end. */
const epoch = between(0, 1e9)
const level = between(0, 1e7)
const position = between(0, 1e13)
const seconds = between(0, 1e9)
const anyObject: Check = (value) => typeof value === 'object' && value !== null
const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && allowed.includes(value)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const list =
  (item: Check, maximum: number): Check =>
  (value) =>
    Array.isArray(value) && value.length <= maximum && value.every(item)
const pairOf =
  (first: Check, second: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length === 2 && first(value[0]) && second(value[1])
const object =
  (shape: Shape): Check =>
  (value) =>
    anyObject(value) && wrongField(value as object, shape) === undefined

const onlyWith =
  (shape: Shape): Check =>
  (value) =>
    object(shape)(value) && Object.entries(Object(value)).every(([name, inner]) => inner === undefined || name in shape)

const hook = oneOf('before', 'after')
const script = object({
  name: string,
  digest: string,
  target: string,
  environment: optional(string),
  // A worker runs its own files only: what names or brings others does not come over the network.
  settings: optional(
    onlyWith({
      variables: optional(anyObject),
      insecure: optional(boolean),
      scenario: optional(string),
      tags: optional(list(string, MAX_TAGS)),
      excludeTags: optional(list(string, MAX_TAGS)),
    }),
  ),
  hooks: optional(list(hook, 2)),
  variables: optional(anyObject),
})
const segment = object({
  durationSeconds: (value) => value === null || seconds(value),
  from: level,
  to: level,
  mode: optional(oneOf('uniform', 'poisson')),
  maximumUsers: optional(level),
})
const setpoint = object({
  runId: string,
  epoch,
  model: oneOf('open', 'closed'),
  runStartMs: time,
  activeMs: time,
  startMs: time,
  firstPosition: position,
  segments: list(segment, MAX_SEGMENTS),
  paused: optional(list(segment, MAX_SEGMENTS)),
  workers: list(object({ id: string, weight, users: level }), MAX_WORKERS),
  maximumUsers: level,
})
const report = object({
  runId: string,
  sequence: position,
  epoch,
  windowMs: time,
  untilMs: time,
  tally: anyObject,
  gauges: object({
    users: level,
    inFlight: level,
    utilization: between(0, 2),
    cpuCores: between(0, 100_000),
    memoryBytes: between(0, 1e15),
    scenarios: optional(list(pairOf(string, level), MAX_SCENARIOS)),
  }),
})
const snapshot = object({
  runId: string,
  script,
  setpoint,
  sequence: position,
  ended: boolean,
  tally: anyObject,
  unsentWindows: list(object({ windowMs: time, tally: anyObject }), MAX_WINDOWS),
})

const WORKER_SHAPES: Readonly<Record<WorkerMessage['type'], Shape>> = {
  hello: {
    protocol: finite,
    version: string,
    id: string,
    name: string,
    weight,
    metricsUrl: optional(string),
    snapshot: optional(snapshot),
  },
  ping: { sentMs: time },
  prepared: { runId: string },
  failed: { runId: string, message: string, field: optional(string), isCut: optional(boolean) },
  report: { report },
  final: { report },
  hookEnded: { runId: string, hook, variables: anyObject, message: optional(string) },
  fenced: { number: count, untilMs: time },
  log: { lines: list(string, MAX_LOG_LINES) },
  leaving: {},
}

const MASTER_SHAPES: Readonly<Record<MasterMessage['type'], Shape>> = {
  welcome: { protocol: finite, version: string, leaseMs: count },
  refused: { reason: string },
  pong: { sentMs: time, masterMs: time },
  prepare: { runId: string, script },
  hook: { runId: string, hook, script },
  setpoint: { setpoint },
  fence: { number: count, startMs: time, setpoint },
  unfence: { runId: string },
  goOn: { runId: string },
  stop: { runId: string },
  reset: { runId: string },
}

/** The master's side of the wire: JSON, with each tally decoded as it arrives. */
export const masterWireFormat: WireFormat<MasterMessage, WorkerMessage> = {
  encode: (message) => JSON.stringify(message),
  parse: parseWorkerMessage,
}

/** The worker's side of the wire: JSON, with each tally encoded as it is sent. */
export const workerWireFormat: WireFormat<WorkerMessage, MasterMessage> = {
  encode: (message) =>
    JSON.stringify(message, (_key, value: unknown) => (value instanceof Tally ? encodeTally(value) : value)),
  parse: parseMasterMessage,
}

/** @throws ProtocolError */
export function parseWorkerMessage(text: string): WorkerMessage {
  const message = parse(text, WORKER_SHAPES) as WorkerMessage
  try {
    if (message.type === 'report' || message.type === 'final') return { ...message, report: withTally(message.report) }
    if (message.type === 'hello' && message.snapshot !== undefined)
      return { ...message, snapshot: withTallies(message.snapshot) }
    return message
  } catch (error) {
    throw new ProtocolError(`${message.type}: ${messageOf(error)}`, { cause: error })
  }
}

/** @throws ProtocolError */
export function parseMasterMessage(text: string): MasterMessage {
  return parse(text, MASTER_SHAPES) as MasterMessage
}

function withTallies(data: RunSnapshot): RunSnapshot {
  return { ...withTally(data), unsentWindows: data.unsentWindows.map(withTally) }
}

/** The message's tally is still data; the types say what it becomes. */
function withTally<T extends Report | RunSnapshot | RunSnapshot['unsentWindows'][number]>(data: T): T {
  return { ...data, tally: decodeTally(data.tally) }
}

function parse(text: string, shapes: Readonly<Record<string, Shape>>): unknown {
  if (text.length > MAX_MESSAGE_BYTES)
    throw new ProtocolError(`a message has ${text.length} characters; at most ${MAX_MESSAGE_BYTES} are allowed`)
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch (error) {
    throw new ProtocolError('a message is not JSON', { cause: error })
  }
  const type = typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined
  const shape = typeof type === 'string' && Object.hasOwn(shapes, type) ? shapes[type] : undefined
  if (shape === undefined) throw new ProtocolError(`the message type ${JSON.stringify(type)} is not known`)
  const wrong = wrongField(message as object, shape)
  if (wrong !== undefined) throw new ProtocolError(`${String(type)}.${wrong} is missing or has the wrong form`)
  return message
}

function wrongField(value: object, shape: Shape): string | undefined {
  return Object.keys(shape).find((name) => shape[name]?.((value as Record<string, unknown>)[name]) !== true)
}
