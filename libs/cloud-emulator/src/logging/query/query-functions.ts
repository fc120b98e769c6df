import { BlockList, isIP } from 'node:net'
import type { LogEntry } from '../model/log-entry.ts'
import { entryField, hasText } from './entry-fields.ts'
import type { Literal } from './query-tree.ts'
import { hasWords } from './text-tests.ts'

export type EntryPredicate = (entry: LogEntry) => boolean

type Build = (values: readonly Literal[]) => EntryPredicate | string

const FUNCTIONS: ReadonlyMap<string, Build> = new Map<string, Build>([
  ['log_id', logId],
  ['sample', sample],
  ['ip_in_net', ipInNet],
  ['search', search],
])

/** The predicate of a function. The answer is a sentence if there is none. */
export function functionPredicate(name: string, values: readonly Literal[]): EntryPredicate | string {
  const build = FUNCTIONS.get(name.toLowerCase())
  return build ? build(values) : `the function ${name} is not one of ${[...FUNCTIONS.keys()].join(', ')}`
}

function logId([id, ...more]: readonly Literal[]): EntryPredicate | string {
  if (!id || more.length > 0) return 'log_id takes one argument, such as log_id("stdout")'
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

/** The same entries each time: by a hash of the field. */
function sample([path, share]: readonly Literal[]): EntryPredicate | string {
  const field = path && entryField(path.text.split('.'))
  const fraction = Number(share?.text)
  if (!field || !(fraction >= 0 && fraction <= 1))
    return 'sample takes a field and a fraction from 0 to 1, such as sample(insertId, 0.1)'
  return (entry) => hash(String(field.read(entry) ?? '')) < fraction
}

function ipInNet([path, net]: readonly Literal[]): EntryPredicate | string {
  const usage = 'ip_in_net takes a field and a network, such as ip_in_net(jsonPayload.ip, "10.0.0.0/8")'
  const field = path && entryField(path.text.split('.'))
  const [address = '', bits] = (net?.text ?? '').split('/')
  const version = isIP(address)
  if (!field || version === 0) return usage
  const family = version === 6 ? 'ipv6' : 'ipv4'
  const list = new BlockList()
  try {
    list.addSubnet(address, bits === undefined ? (version === 6 ? 128 : 32) : Number(bits), family)
  } catch {
    return usage
  }
  return (entry) => {
    const value = field.read(entry)
    const own = typeof value === 'string' ? isIP(value) : 0
    return own !== 0 && list.check(String(value), own === 6 ? 'ipv6' : 'ipv4')
  }
}

function search([first, second]: readonly Literal[]): EntryPredicate | string {
  if (!first) return 'SEARCH takes words, or a field and words, such as SEARCH(textPayload, "not found")'
  if (!second) {
    const test = hasWords(first.text)
    return (entry) => hasText(entry, test)
  }
  const field = entryField(first.text.split('.'))
  if (!field) return `entries have no field ${first.text}`
  const test = hasWords(second.text)
  return (entry) => test(textOf(field.read(entry)))
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
