import { parseDuration } from '@node-to-cloud/command-line'
import type { ChangeRequest, StartRequest } from '../contract/api.ts'
import type { LoadModel } from '../contract/run-report.ts'
import { MasterError } from '../run/master-error.ts'
import { show } from '../script/plain-object.ts'

const MAXIMUM_TEXT_LENGTH = 2048
const MAXIMUM_LEVEL = 1_000_000
const MINIMUM_SPAWN_RATE = 0.001
const MINIMUM_SECONDS = 0.001
const MAXIMUM_SECONDS = 86_400

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads the body of `POST /api/run`, as JSON or as a form.
 *
 * @throws MasterError ERR_VALUE naming the field, the value and what is allowed.
 */
export function readStartRequest(body: unknown): StartRequest {
  const fields = asFields(body)
  const request = {
    script: text(fields, 'script'),
    target: text(fields, 'target'),
    environment: text(fields, 'environment'),
    rate: number(fields, 'rate', 0, MAXIMUM_LEVEL),
    users: integer(fields, 'users', 0, MAXIMUM_LEVEL),
    spawnRate: spawnRate(fields, 'spawnRate'),
    durationSeconds: number(fields, 'durationSeconds', MINIMUM_SECONDS, MAXIMUM_SECONDS),
  }
  refuseUnknown(fields, Object.keys(request))
  if (request.rate !== undefined && request.users !== undefined)
    throw badValue('rate', '(open model) and users (closed model) exclude each other')
  return request
}

/**
 * Reads the body of Locust's `POST /swarm`: `user_count`, `spawn_rate`, `host`, `run_time`.
 *
 * @throws MasterError ERR_VALUE
 */
export function readSwarmRequest(body: unknown): StartRequest & { readonly users: number } {
  const fields = asFields(body)
  return {
    users: integer(fields, 'user_count', 0, MAXIMUM_LEVEL) ?? 1,
    spawnRate: spawnRate(fields, 'spawn_rate'),
    target: text(fields, 'host'),
    durationSeconds: runTime(fields),
  }
}

/** A change of the load. */
export interface LevelChange {
  readonly level: number
  /** How fast to move to the new level, a second; default: at once. */
  readonly changePerSecond: number | undefined
}

/**
 * Reads the body of `PATCH /api/run`: the level in the field of the run's model, and `spawnRate`.
 *
 * @throws MasterError ERR_VALUE
 */
export function readChange(body: unknown, model: LoadModel): LevelChange {
  const fields = asFields(body)
  const field: keyof ChangeRequest = model === 'open' ? 'rate' : 'users'
  const read = model === 'open' ? number : integer
  const level = read(fields, field, 0, MAXIMUM_LEVEL)
  if (level === undefined) throw badValue(field, `is missing, and the run is of the ${model} model`)
  refuseUnknown(fields, [field, 'spawnRate'])
  return { level, changePerSecond: spawnRate(fields, 'spawnRate') }
}

function asFields(body: unknown): Fields {
  if (body === undefined || body === null || body === '') return {}
  if (typeof body !== 'object' || Array.isArray(body))
    throw new MasterError('ERR_VALUE', 'the body must be a JSON object or a form')
  return body as Fields
}

function refuseUnknown(fields: Fields, allowed: readonly string[]): void {
  const unknown = Object.keys(fields).find((name) => !allowed.includes(name))
  if (unknown !== undefined) throw badValue(unknown, `is not known; allowed are ${allowed.join(', ')}`)
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function text(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  if (isAbsent(value)) return undefined
  if (typeof value !== 'string' || value.length > MAXIMUM_TEXT_LENGTH)
    throw badValue(name, `must be a string of at most ${MAXIMUM_TEXT_LENGTH} characters`)
  return value
}

function number(fields: Fields, name: string, minimum: number, maximum: number): number | undefined {
  const value = fields[name]
  if (isAbsent(value)) return undefined
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof parsed !== 'number' || !(parsed >= minimum && parsed <= maximum))
    throw badValue(name, `must be a number from ${minimum} to ${maximum}, not ${show(value)}`)
  return parsed
}

function integer(fields: Fields, name: string, minimum: number, maximum: number): number | undefined {
  const value = number(fields, name, minimum, maximum)
  if (value !== undefined && !Number.isInteger(value)) throw badValue(name, `must be an integer, not ${value}`)
  return value
}

function spawnRate(fields: Fields, name: string): number | undefined {
  return number(fields, name, MINIMUM_SPAWN_RATE, MAXIMUM_LEVEL)
}

/** Locust's run time: a number of seconds, or a duration such as `1h30m`. */
function runTime(fields: Fields): number | undefined {
  const value = text(fields, 'run_time')?.trim()
  if (value === undefined) return undefined
  const seconds = /^\d+$/.test(value) ? Number(value) : (parseDuration(value) ?? 0) / 1000
  if (seconds <= 0 || seconds > MAXIMUM_SECONDS)
    throw badValue('run_time', `must be a duration such as 90, 20m or 1h30m, at most a day, not ${show(value)}`)
  return seconds
}

function badValue(field: string, problem: string): MasterError {
  return new MasterError('ERR_VALUE', `${field} ${problem}`, field)
}
