import { MasterError } from '../run/master-error.ts'
import type { StartRequest } from '../run/run-starter.ts'

const maximumText = 2048

/**
 * Reads a request for a run from a JSON body or a form.
 *
 * @throws MasterError BAD_VALUE that names the field, the value and what is allowed.
 */
export function readStartRequest(body: unknown): StartRequest {
  const fields = asFields(body)
  const request = {
    script: text(fields, 'script'),
    target: text(fields, 'target'),
    environment: text(fields, 'environment'),
    rate: number(fields, 'rate', 0, 1_000_000),
    users: whole(fields, 'users', 0, 1_000_000),
    spawnRate: number(fields, 'spawnRate', 0.001, 1_000_000),
    durationSeconds: number(fields, 'durationSeconds', 0.001, 86_400),
  }
  refuseUnknown(fields, Object.keys(request))
  if (request.rate !== undefined && request.users !== undefined) {
    throw new MasterError('BAD_VALUE', 'rate (open model) and users (closed model) exclude each other', 'rate')
  }
  return request
}

/** Reads Locust's form of `POST /swarm`: `user_count`, `spawn_rate`, `host`, `run_time`. */
export function readSwarmRequest(body: unknown): StartRequest {
  const fields = asFields(body)
  return {
    users: whole(fields, 'user_count', 0, 1_000_000) ?? 1,
    spawnRate: number(fields, 'spawn_rate', 0.001, 1_000_000),
    target: text(fields, 'host'),
    durationSeconds: runTime(fields),
  }
}

/** A change of a load that is on. */
export interface LevelChange {
  readonly level: number
  /** Users (or arrivals a second) more or less a second until then; default: at once. */
  readonly changePerSecond: number | undefined
}

/** Reads a change: `{ rate }` or `{ users }`, with `spawnRate`. */
export function readChange(body: unknown, model: 'open' | 'closed'): LevelChange {
  const fields = asFields(body)
  const wanted = model === 'open' ? 'rate' : 'users'
  const level = model === 'open' ? number(fields, 'rate', 0, 1_000_000) : whole(fields, 'users', 0, 1_000_000)
  if (level === undefined)
    throw new MasterError('BAD_VALUE', `${wanted} is missing: the run is of the ${model} model`, wanted)
  refuseUnknown(fields, [wanted, 'spawnRate'])
  return { level, changePerSecond: number(fields, 'spawnRate', 0.001, 1_000_000) }
}

type Fields = Readonly<Record<string, unknown>>

function refuseUnknown(fields: Fields, allowed: readonly string[]): void {
  const unknown = Object.keys(fields).find((name) => !allowed.includes(name))
  if (unknown === undefined) return
  throw new MasterError('BAD_VALUE', `${unknown} is not known; allowed are ${allowed.join(', ')}`, unknown)
}

function asFields(body: unknown): Fields {
  if (body === undefined || body === null || body === '') return {}
  if (typeof body !== 'object' || Array.isArray(body))
    throw new MasterError('BAD_VALUE', 'the body must be a JSON object or a form')
  return body as Fields
}

function text(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string' || value.length > maximumText) {
    throw new MasterError('BAD_VALUE', `${name} must be text of at most ${maximumText} characters`, name)
  }
  return value
}

function number(fields: Fields, name: string, minimum: number, maximum: number): number | undefined {
  const value = fields[name]
  if (value === undefined || value === null || value === '') return undefined
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof parsed !== 'number' || !(parsed >= minimum && parsed <= maximum)) {
    throw new MasterError(
      'BAD_VALUE',
      `${name} must be a number from ${minimum} to ${maximum}, not ${show(value)}`,
      name,
    )
  }
  return parsed
}

function whole(fields: Fields, name: string, minimum: number, maximum: number): number | undefined {
  const value = number(fields, name, minimum, maximum)
  if (value !== undefined && !Number.isInteger(value))
    throw new MasterError('BAD_VALUE', `${name} must be a whole number, not ${value}`, name)
  return value
}

/** Locust's run time: seconds, or a text such as `1h30m`. */
function runTime(fields: Fields): number | undefined {
  const value = text(fields, 'run_time')
  if (value === undefined) return undefined
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(value.trim())
  const seconds = match === null ? 0 : Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0)
  if (seconds <= 0 || seconds > 86_400)
    throw new MasterError(
      'BAD_VALUE',
      `run_time must be such as 90, 20m or 1h30m, at most a day, not ${show(value)}`,
      'run_time',
    )
  return seconds
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
