import {
  integer,
  number,
  parseDuration,
  text,
  type ValueSpec,
  type ValuesOf,
  valueType,
} from '@node-to-cloud/command-line'
import type { StartRequest } from '../contract/api.ts'
import type { LoadModel } from '../contract/run-report.ts'
import { PERCENTILES_ALLOWED, readPercentiles } from '../results/percentiles.ts'
import { MasterError } from '../run/master-error.ts'
import { asRecord, parseRecord, show } from '../script/plain-object.ts'
import { readTags } from '../script/scenario-tags.ts'

const MAX_SECONDS = 86_400

const TEXT = text({ maxLength: 2048 })
const RATE = number({ min: 0, max: 1_000_000 })
const USERS = integer({ min: 0, max: 1_000_000 })
const SPAWN_RATE = number({ min: 0.001, max: 1_000_000 })
const SECONDS = number({ min: 0.001, max: MAX_SECONDS })
/** Locust's run time, into seconds. */
const RUN_TIME = valueType('a duration of at most a day, such as 90, 20m or 1h30m', (value) => {
  const seconds = /^\d+$/.test(value) ? Number(value) : (parseDuration(value) ?? 0) / 1000
  return seconds > 0 && seconds <= MAX_SECONDS ? seconds : undefined
})

/** Tags of scenarios, as a list or in one text. */
const TAGS = valueType('tags, separated by commas', readTags)
const PERCENTILES = valueType(PERCENTILES_ALLOWED, readPercentiles)

const START_FIELDS = {
  script: TEXT,
  target: TEXT,
  environment: TEXT,
  scenario: TEXT,
  tags: TAGS,
  excludeTags: TAGS,
  percentiles: PERCENTILES,
  rate: RATE,
  users: USERS,
  spawnRate: SPAWN_RATE,
  durationSeconds: SECONDS,
}
const SWARM_FIELDS = { user_count: USERS, spawn_rate: SPAWN_RATE, host: TEXT, run_time: RUN_TIME }
/** A change of the load is in the field of the run's model. */
const LEVEL_FIELDS = {
  open: ['rate', { rate: RATE, spawnRate: SPAWN_RATE }],
  closed: ['users', { users: USERS, spawnRate: SPAWN_RATE }],
} as const

/**
 * Reads the body of `POST /api/run`, as JSON or as a form.
 *
 * @throws MasterError ERR_VALUE naming the field, the value and what is allowed.
 */
export function readStartRequest(body: unknown): StartRequest {
  const { variables, ...rest } = Object(body) as { readonly variables?: unknown }
  const request = { ...readFields(body, START_FIELDS), variables: readVariables(variables) }
  refuseUnknown(rest, START_FIELDS)
  if (request.rate !== undefined && request.users !== undefined)
    throw badValue('rate', '(open model) and users (closed model) are mutually exclusive')
  return request
}

/**
 * Reads the body of Locust's `POST /swarm`. A parameter that has no meaning here, such as `user_classes`, is refused.
 *
 * @throws MasterError ERR_VALUE
 */
export function readSwarmRequest(body: unknown): StartRequest & { readonly users: number } {
  refuseUnknown(body, SWARM_FIELDS)
  const { user_count: users = 1, spawn_rate, host, run_time } = readFields(body, SWARM_FIELDS)
  return { users, spawnRate: spawn_rate, target: host, durationSeconds: run_time }
}

/** A change of the load. */
export interface LevelChange {
  readonly level: number
  /** How fast to move to the new level, a second; default: at once. */
  readonly changePerSecond: number | undefined
}

/**
 * Reads the body of `PATCH /api/run`.
 *
 * @throws MasterError ERR_VALUE
 */
export function readChange(body: unknown, model: LoadModel): LevelChange {
  const [field, spec] = LEVEL_FIELDS[model]
  const { rate, users, spawnRate } = readFields<Partial<typeof START_FIELDS>>(body, spec)
  const level = rate ?? users
  if (level === undefined) throw badValue(field, `is missing, and the run is of the ${model} model`)
  refuseUnknown(body, spec)
  return { level, changePerSecond: spawnRate }
}

/** An object, or in a form its JSON. Only the script itself may contain templates, because they can read the environment. */
function readVariables(given: unknown): StartRequest['variables'] {
  if (given === undefined || given === null || given === '') return undefined
  const variables = typeof given === 'string' ? parseRecord(given) : asRecord(given)
  if (variables === undefined)
    throw badValue('variables', `must be an object such as {"name": "value"}, not ${show(given)}`)
  if (JSON.stringify(variables).includes('{{')) throw badValue('variables', 'must be values without templates')
  return variables
}

function readFields<Spec extends ValueSpec>(body: unknown, spec: Spec): ValuesOf<Spec> {
  if (typeof body !== 'object' && body !== undefined && body !== '')
    throw new MasterError('ERR_VALUE', 'the body must be a JSON object or a form')
  const values = Object.entries(spec).map(([name, type]) => {
    const given: unknown = Reflect.get(Object(body), name)
    if (given === undefined || given === null || given === '') return [name, undefined]
    const text = Array.isArray(given) && given.every(isPlain) ? given.join(',') : given
    const value = isPlain(text) ? type.parse(String(text).trim()) : undefined
    if (value === undefined) throw badValue(name, `must be ${type.allowed}, not ${show(given)}`)
    return [name, value]
  })
  return Object.fromEntries(values) as ValuesOf<Spec>
}

function isPlain(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

function refuseUnknown(body: unknown, spec: ValueSpec): void {
  const unknown = Object.keys(Object(body)).find((name) => !Object.hasOwn(spec, name))
  if (unknown !== undefined) throw badValue(unknown, `is unknown; allowed: ${Object.keys(spec).join(', ')}`)
}

function badValue(field: string, problem: string): MasterError {
  return new MasterError('ERR_VALUE', `${field} ${problem}`, field)
}
