import { invalidField } from '../api/rpc-error.ts'
import type { Fault } from '../contract/faults.ts'
import { STATUS_CODES, type StatusName } from '../contract/status.ts'

const FIELDS = ['methods', 'code', 'message', 'latencyMs', 'loseAnswer', 'share', 'seriesShare', 'durationSeconds']
const MAX_LATENCY_MS = 600_000
const MAX_DURATION_SECONDS = 86_400

/**
 * Parses the body of `POST /faults`. Throws INVALID_ARGUMENT with the field, its value and what is allowed.
 *
 * @param options.methods the names of all methods
 */
export function parseFault(json: unknown, options: { id: number; nowMs: number; methods: ReadonlySet<string> }): Fault {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw invalidField('(body)', undefined, 'It must be a JSON object.')
  const body = json as Record<string, unknown>
  const unknown = Object.keys(body).find((key) => !FIELDS.includes(key))
  if (unknown !== undefined)
    throw invalidField(unknown, undefined, `Unknown field; allowed fields: ${FIELDS.join(', ')}.`)
  const latencyMs = number(body, 'latencyMs', { fallback: 0, max: MAX_LATENCY_MS })
  const durationSeconds =
    body.durationSeconds === undefined
      ? undefined
      : number(body, 'durationSeconds', { fallback: 0, max: MAX_DURATION_SECONDS })
  const loseAnswer = body.loseAnswer ?? false
  if (typeof loseAnswer !== 'boolean')
    throw invalidField('loseAnswer', JSON.stringify(loseAnswer), 'It must be true or false.')
  const seriesShare = number(body, 'seriesShare', { fallback: 0, max: 1 })
  const code = body.code === undefined ? undefined : readCode(body.code)
  if (code === undefined && latencyMs === 0 && !loseAnswer) {
    throw invalidField(
      '(body)',
      undefined,
      'The fault has no effect: at least one of code, latencyMs and loseAnswer is required.',
    )
  }
  if (seriesShare > 0 && code === undefined) throw invalidField('code', undefined, 'It is required with seriesShare.')
  if (code !== undefined && loseAnswer && seriesShare === 0) {
    throw invalidField(
      'loseAnswer',
      'true',
      'A call that fails with a code is not executed, so there is no response to lose; omit code.',
    )
  }
  const message = body.message ?? `Injected fault${code === undefined ? '' : `: ${code}`}`
  if (typeof message !== 'string' || message.length > 1000)
    throw invalidField('message', undefined, 'It must be a string of at most 1000 characters.')
  return {
    id: options.id,
    methods: readMethods(body.methods, options.methods),
    code,
    message,
    latencyMs,
    loseAnswer,
    share: number(body, 'share', { fallback: 1, max: 1 }),
    seriesShare,
    untilMs: durationSeconds === undefined ? undefined : options.nowMs + durationSeconds * 1000,
  }
}

function number(body: Record<string, unknown>, field: string, options: { fallback: number; max: number }): number {
  const value = body[field] ?? options.fallback
  if (typeof value === 'number' && value >= 0 && value <= options.max) return value
  throw invalidField(field, JSON.stringify(value), `It must be a number from 0 to ${options.max}.`)
}

function readCode(value: unknown): StatusName {
  for (const [name, code] of Object.entries(STATUS_CODES)) {
    if (name !== 'OK' && (value === name || value === code)) return name as StatusName
  }
  const allowed = Object.keys(STATUS_CODES).slice(1).join(', ')
  throw invalidField('code', JSON.stringify(value), `Allowed values: ${allowed}, or their numbers.`)
}

function readMethods(value: unknown, known: ReadonlySet<string>): string[] {
  if (value === undefined) return []
  const names: unknown[] = Array.isArray(value) ? value : [value]
  return names.map((name) => {
    if (typeof name === 'string' && known.has(name)) return name
    throw invalidField('methods', JSON.stringify(name), `Allowed values: ${[...known].sort().join(', ')}.`)
  })
}
