import { type MasterMessage, maximumMessageBytes, type WorkerMessage } from './messages.ts'

/** A message that is none of the protocol. */
export class ProtocolError extends Error {
  readonly code = 'BAD_MESSAGE'
}

type Check = (value: unknown) => boolean
type Shape = Readonly<Record<string, Check>>

const text: Check = (value) => typeof value === 'string' && value.length <= 4096
const finite: Check = (value) => typeof value === 'number' && Number.isFinite(value)
const count: Check = (value) => finite(value) && (value as number) >= 0
const object =
  (shape: Shape): Check =>
  (value) =>
    typeof value === 'object' && value !== null && hasShape(value, shape)
const list =
  (item: Check, maximum: number): Check =>
  (value) =>
    Array.isArray(value) && value.length <= maximum && value.every(item)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const anything: Check = (value) => typeof value === 'object' && value !== null

const hook: Check = (value) => value === 'before' || value === 'after'
const script = object({
  name: text,
  digest: text,
  target: text,
  environment: optional(text),
  hooks: optional(list(hook, 2)),
  variables: optional(anything),
})
const segment = object({
  durationSeconds: (value) => value === null || count(value),
  from: count,
  to: count,
  mode: optional((value) => value === 'uniform' || value === 'poisson'),
  maximumUsers: optional(count),
})
const setpoint = object({
  runId: text,
  epoch: count,
  model: (value) => value === 'open' || value === 'closed',
  startMs: finite,
  firstPosition: count,
  segments: list(segment, 100_000),
  paused: optional(list(segment, 100_000)),
  workers: list(object({ id: text, weight: count, users: count }), 10_000),
  maximumUsers: count,
})
const gauges = object({ users: count, inFlight: count, utilization: finite, cpuCores: finite, memoryBytes: count })
const report = object({
  runId: text,
  sequence: count,
  epoch: count,
  windowMs: finite,
  untilMs: finite,
  tally: anything,
  gauges,
})
const window = object({ windowMs: finite, tally: anything })
const snapshot = object({
  runId: text,
  script,
  setpoint,
  sequence: count,
  ended: (value) => typeof value === 'boolean',
  tally: anything,
  unsentWindows: list(window, 1000),
})

const workerShapes: Readonly<Record<WorkerMessage['type'], Shape>> = {
  hello: {
    protocol: finite,
    version: text,
    id: text,
    name: text,
    weight: finite,
    metricsUrl: optional(text),
    snapshot: optional(snapshot),
  },
  ping: { sentMs: finite },
  prepared: { runId: text },
  failed: {
    runId: text,
    message: text,
    field: optional(text),
    isCut: optional((value) => typeof value === 'boolean'),
  },
  report: { report },
  final: { report },
  hookEnded: { runId: text, hook, variables: anything, message: optional(text) },
  leaving: {},
}

const masterShapes: Readonly<Record<MasterMessage['type'], Shape>> = {
  welcome: { protocol: finite, version: text, leaseMs: count },
  refused: { reason: text },
  pong: { sentMs: finite, masterMs: finite },
  prepare: { runId: text, script },
  hook: { runId: text, hook, script },
  setpoint: { setpoint },
  stop: { runId: text },
  reset: { runId: text },
}

/** @throws ProtocolError */
export function parseWorkerMessage(data: string): WorkerMessage {
  return parse(data, workerShapes) as WorkerMessage
}

/** @throws ProtocolError */
export function parseMasterMessage(data: string): MasterMessage {
  return parse(data, masterShapes) as MasterMessage
}

function parse(data: string, shapes: Readonly<Record<string, Shape>>): unknown {
  if (data.length > maximumMessageBytes)
    throw new ProtocolError(`a message has ${data.length} bytes; at most ${maximumMessageBytes} are allowed`)
  let message: unknown
  try {
    message = JSON.parse(data)
  } catch (error) {
    throw new ProtocolError('a message is no JSON', { cause: error })
  }
  const type = typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined
  const shape = typeof type === 'string' && Object.hasOwn(shapes, type) ? shapes[type] : undefined
  if (shape === undefined) throw new ProtocolError(`a message has the type ${JSON.stringify(type)}, which is not known`)
  const wrong = Object.keys(shape).find((name) => !shape[name]?.((message as Record<string, unknown>)[name]))
  if (wrong !== undefined) throw new ProtocolError(`${String(type)}.${wrong} is missing or of the wrong form`)
  return message
}

function hasShape(value: object, shape: Shape): boolean {
  return Object.keys(shape).every((name) => shape[name]?.((value as Record<string, unknown>)[name]))
}
