import { BlockList, isIP } from 'node:net'
import type { LogEntry } from '../model/log-entry.ts'
import { type EntryField, entryField, hasText } from './entry-fields.ts'
import type { Literal } from './query-tree.ts'
import { hasWords } from './text-tests.ts'

export type EntryPredicate = (entry: LogEntry) => boolean

/** Why a function call is invalid, and which argument is to blame, if any. */
interface Refusal {
  readonly reason: string
  readonly at?: Literal | undefined
}

type Build = (values: readonly Literal[]) => EntryPredicate | Refusal

const SOURCE = /^(?:projects|folders|organizations|billingAccounts)\/[^/\s]+$/i

const FUNCTIONS: ReadonlyMap<string, Build> = new Map<string, Build>([
  ['log_id', logId],
  ['source', source],
  ['sample', sample],
  ['ip_in_net', ipInNet],
  ['search', search],
])

/** The predicate of a function. */
export function functionPredicate(name: string, values: readonly Literal[]): EntryPredicate | Refusal {
  const build = FUNCTIONS.get(name.toLowerCase())
  if (build) return build(values)
  const known = [...FUNCTIONS.keys(), 'cast', 'regexp_extract']
  return { reason: `the function ${name} is not one of ${known.join(', ')}` }
}

function logId([id, ...more]: readonly Literal[]): EntryPredicate | Refusal {
  if (!id || more.length > 0) return { reason: 'log_id takes one argument, such as log_id("stdout")', at: more[0] }
  const ending = `/logs/${encodeURIComponent(decoded(id.text))}`.toLowerCase()
  return ({ logName }) => logName.toLowerCase().endsWith(ending)
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}

/** The entries of a project. Here there are no folders or organizations. */
function source([name, ...more]: readonly Literal[]): EntryPredicate | Refusal {
  if (!name || more.length > 0 || !SOURCE.test(name.text))
    return {
      reason: 'source takes projects/ID, folders/ID, organizations/ID or billingAccounts/ID',
      at: more[0] ?? name,
    }
  const beginning = `${name.text}/`.toLowerCase()
  return ({ logName }) => logName.toLowerCase().startsWith(beginning)
}

/** Uses a hash of the field, so that the sample is always the same. */
function sample([path, share, ...more]: readonly Literal[]): EntryPredicate | Refusal {
  const reason = 'sample takes a field and a fraction from 0 to 1, such as sample(insertId, 0.1)'
  if (!path || !share || more.length > 0) return { reason, at: more[0] }
  const field = fieldOf(path)
  if ('reason' in field) return field
  const fraction = share.text === '' ? Number.NaN : Number(share.text)
  if (!(fraction >= 0 && fraction <= 1)) return { reason, at: share }
  return (entry) => hash(String(field.read(entry) ?? '')) < fraction
}

function ipInNet([path, net, ...more]: readonly Literal[]): EntryPredicate | Refusal {
  const reason = 'ip_in_net takes a field and a network, such as ip_in_net(jsonPayload.ip, "10.0.0.0/8")'
  if (!path || !net || more.length > 0) return { reason, at: more[0] }
  const field = fieldOf(path)
  if ('reason' in field) return field
  const list = networkOf(net.text)
  if (!list) return { reason, at: net }
  return (entry) => {
    const value = field.read(entry)
    const own = typeof value === 'string' ? isIP(value) : 0
    return own !== 0 && list.check(String(value), own === 6 ? 'ipv6' : 'ipv4')
  }
}

function networkOf(text: string): BlockList | undefined {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return undefined
  const list = new BlockList()
  try {
    list.addSubnet(
      address,
      bits === undefined ? (version === 6 ? 128 : 32) : Number(bits),
      version === 6 ? 'ipv6' : 'ipv4',
    )
    return list
  } catch {
    return undefined
  }
}

function search([first, second, ...more]: readonly Literal[]): EntryPredicate | Refusal {
  if (!first || more.length > 0)
    return { reason: 'SEARCH takes words, or a field and words, such as SEARCH(textPayload, "not found")', at: more[0] }
  if (!second) {
    const test = hasWords(first.text)
    return (entry) => hasText(entry, test)
  }
  const field = fieldOf(first)
  if ('reason' in field) return field
  const test = hasWords(second.text)
  return (entry) => test(textOf(field.read(entry)))
}

function fieldOf(path: Literal): EntryField | Refusal {
  return entryField(path.names ?? [path.text]) ?? { reason: `entries have no field ${path.text}`, at: path }
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value ?? '')
}

/** FNV-1a as a fraction of 1. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return (value >>> 0) / 2 ** 32
}
