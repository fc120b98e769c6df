import { messageOf } from '@node-to-cloud/command-line'
import { RE2JS } from 're2js'
import { shortened } from '../../api/shortened.ts'
import { severityName } from '../model/log-entry.ts'
import { isTime, readTime, timeText } from '../model/log-time.ts'
import { durationSeconds } from './compare-values.ts'
import { type EntryField, entryField } from './entry-fields.ts'
import type { Calculation, FieldPath, Literal, Operand } from './query-tree.ts'
import { MAX_PROGRAM_SIZE } from './text-tests.ts'
import { timeInZone } from './time-in-zone.ts'

/** Why a calculation is invalid, and the part of the query that is to blame. */
export interface Refusal {
  readonly reason: string
  readonly token: string
  readonly position: number
}

type Convert = (value: unknown) => unknown

/** Converts a scalar; undefined if it can't be converted. */
const CASTS: ReadonlyMap<string, { readonly type: EntryField['type']; readonly convert: Convert }> = new Map([
  ['STRING', { type: 'json', convert: textOf }],
  ['INT64', { type: 'json', convert: wholeNumberOf }],
  ['FLOAT64', { type: 'json', convert: numberOf }],
  ['BOOL', { type: 'json', convert: booleanOf }],
  ['TIMESTAMP', { type: 'time', convert: timeOf }],
  ['DURATION', { type: 'json', convert: durationOf }],
])

/** Whether a name is that of a function whose result is compared, such as `cast`. */
export function isCalculation(name: string): boolean {
  return /^(?:cast|regexp_extract)$/i.test(name)
}

/** The value that the left side of a comparison reads from an entry. */
export function operandField(operand: Operand): EntryField | Refusal {
  if (!('function' in operand)) return entryField(operand.names) ?? unknownField(operand)
  const source = operandField(operand.source)
  if ('reason' in source) return source
  return operand.function.toLowerCase() === 'cast' ? cast(operand, source) : regexpExtract(operand, source)
}

function cast(operand: Calculation, source: EntryField): EntryField | Refusal {
  const [name, zone, ...more] = operand.arguments
  const target = CASTS.get(name?.text.toUpperCase() ?? '')
  if (!name || more.length > 0)
    return refusal(operand, 'cast takes a field and a type, such as cast(jsonPayload.n, INT64)')
  if (!target) return refusal(name, `a type is one of ${[...CASTS.keys()].join(', ')}`)
  if (!zone) return mapped(source, target.type, target.convert)
  if (target.convert !== textOf || source.type !== 'time')
    return refusal(zone, 'TIMEZONE is for times that become a STRING, such as cast(timestamp, STRING, TIMEZONE("UTC"))')
  const inZone = timeInZone(zone.text)
  if (!inZone) return refusal(zone, 'a time zone must be one of the IANA database, such as "America/New_York"')
  return mapped(source, 'json', (value) => (isTime(value) ? inZone(value) : undefined))
}

/** The first match in a string, or the part of it that the group captures. */
function regexpExtract(operand: Calculation, source: EntryField): EntryField | Refusal {
  const [pattern, ...more] = operand.arguments
  if (!pattern || more.length > 0)
    return refusal(
      operand,
      'regexp_extract takes a field and a regular expression, such as regexp_extract(textPayload, "([0-9]+) ms")',
    )
  let expression: RE2JS
  try {
    expression = RE2JS.compile(pattern.text)
  } catch (error) {
    return refusal(pattern, `this is not a valid RE2 regular expression: ${shortened(messageOf(error))}`)
  }
  const size = expression.programSize()
  if (size > MAX_PROGRAM_SIZE)
    return refusal(pattern, `the regular expression has ${size} steps; at most ${MAX_PROGRAM_SIZE} are allowed`)
  const groups = expression.groupCount()
  if (groups > 1) return refusal(pattern, 'at most one capture group is allowed')
  return mapped(source, 'json', (value) => {
    const matcher = expression.matcher(textOf(value) ?? '')
    return matcher.find() ? (matcher.group(groups) ?? undefined) : undefined
  })
}

function mapped(source: EntryField, type: EntryField['type'], convert: Convert): EntryField {
  const own: Convert = source.type === 'severity' ? (value) => convert(severityName(Number(value))) : convert
  const each: Convert = (value) => {
    if (!Array.isArray(value)) return value === undefined ? undefined : own(value)
    return value.map(own).filter((item) => item !== undefined)
  }
  return { type, read: (entry) => each(source.read(entry)), open: true }
}

function textOf(value: unknown): string | undefined {
  if (isTime(value)) return timeText(value)
  return typeof value === 'object' || value === undefined ? undefined : String(value)
}

function numberOf(value: unknown): number | undefined {
  const text = textOf(value)?.trim() ?? ''
  const number = text === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : undefined
}

function wholeNumberOf(value: unknown): number | undefined {
  const number = numberOf(value)
  return number === undefined ? undefined : Math.trunc(number)
}

function booleanOf(value: unknown): boolean | undefined {
  const text = textOf(value)?.toLowerCase()
  return text === 'true' ? true : text === 'false' ? false : undefined
}

function timeOf(value: unknown): unknown {
  return isTime(value) ? value : readTime(textOf(value) ?? '')
}

function durationOf(value: unknown): string | undefined {
  const text = textOf(value) ?? ''
  return durationSeconds(text) === undefined ? undefined : text
}

function refusal(at: Literal | Calculation, reason: string): Refusal {
  return { reason, token: at.text, position: at.position }
}

function unknownField({ names, text, position }: FieldPath): Refusal {
  const reason =
    names.length > 1 && entryField([names[0] ?? ''])
      ? `the field ${names[0]} of an entry has no parts`
      : `entries have no field ${text}; use jsonPayload.NAME for payloads, labels.KEY for labels`
  return { reason, token: text, position }
}
