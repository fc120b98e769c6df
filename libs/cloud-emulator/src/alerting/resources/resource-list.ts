import { type Page, pageOf, type SortKey } from '../../api/list-page.ts'
import { invalidField } from '../../api/rpc-error.ts'
import { shortened } from '../../api/shortened.ts'
import { FilterError } from '../../monitoring/filter/filter-error.ts'
import { snakeCase } from '../../protos/json-fields.ts'
import type { MessageCodec } from '../../protos/registry.ts'
import { fieldValues, hasField } from './field-values.ts'
import { type FieldValue, type ListFilter, parseListFilter } from './list-filter.ts'

/** The parameters of a list method. */
export interface ListRequest {
  readonly filter?: string
  readonly orderBy?: string
  readonly pageSize: number
  readonly pageToken: string
}

const MAX_PAGE = 1000
const MAX_ORDERS = 10
/** Page tokens are written in JSON, which has no infinity. */
const LOWEST = -Number.MAX_VALUE

/** How resources can be filtered and sorted. */
interface ListedFields<T extends object> {
  readonly codec: MessageCodec<T>
  /** Fields that are not part of the message. */
  readonly computed?: Readonly<Record<string, (item: T) => FieldValue>>
  /** The only fields that a filter may use; all if undefined. */
  readonly filterable?: readonly string[]
}

/**
 * A page of the resources that match the filter, in the requested order, and their total number. `parent` is the name
 * of the parent resource.
 */
export function listResources<T extends { readonly name: string }>(
  resources: readonly T[],
  parent: string,
  request: ListRequest,
  fields: ListedFields<T>,
): Page<T> & { readonly totalSize: number } {
  const { codec, computed = {} } = fields
  const { filter = '', orderBy = '', pageSize, pageToken } = request
  const { matches } = readFilter(fields, filter)
  const orders = readOrders(codec, orderBy)
  const read = (one: T, path: readonly string[]): FieldValue[] => {
    const compute = computed[path.join('.')]
    return compute ? [compute(one)] : fieldValues(codec.type, one, path)
  }
  const matching = resources.filter((one) => matches((path) => read(one, path)))
  const page = pageOf(matching, {
    pageSize: Math.max(0, pageSize),
    pageToken,
    maxPageSize: MAX_PAGE,
    fingerprint: JSON.stringify([parent, filter, orderBy]),
    sortKeyOf: (one): SortKey => [
      ...orders.map(({ path, descending }) => rankOf(fieldValues(codec.type, one, path)[0], descending)),
      one.name,
    ],
  })
  return { ...page, totalSize: matching.length }
}

function readFilter<T extends object>(fields: ListedFields<T>, text: string): ListFilter {
  try {
    const filter = parseListFilter(text)
    for (const { path, position } of filter.fields) checkField(fields, path, position)
    return filter
  } catch (error) {
    if (error instanceof FilterError) throw invalidField('filter', text, `${error.message}.`)
    throw error
  }
}

function checkField<T extends object>(fields: ListedFields<T>, path: readonly string[], position: number): void {
  const { codec, computed = {}, filterable } = fields
  const name = path.join('.')
  if (filterable && !filterable.includes(snakeCase(name)))
    throw new FilterError(`Expected one of ${filterable.join(', ')}, but found "${shortened(name)}"`, position)
  if (!Object.hasOwn(computed, name) && !hasField(codec.type, path))
    throw new FilterError(`Unknown field "${shortened(name)}"`, position)
}

interface Order {
  readonly path: readonly string[]
  readonly descending: boolean
}

function readOrders<T extends object>({ type }: MessageCodec<T>, orderBy: string): Order[] {
  if (orderBy === '') return []
  const entries = orderBy.split(',').map((entry) => entry.trim())
  if (entries.length > MAX_ORDERS)
    throw invalidField('order_by', orderBy, `It has ${entries.length} fields; at most ${MAX_ORDERS} are allowed.`)
  return entries.map((entry) => {
    const match = /^(-?)([\w.]{1,500}?)(?: (asc|desc))?$/i.exec(entry)
    const path = match?.[2]?.split('.') ?? []
    if (!match || !hasField(type, path))
      throw invalidField('order_by', orderBy, `"${entry}" is not a field of ${type.name}.`)
    return { path, descending: match[1] === '-' || match[3]?.toLowerCase() === 'desc' }
  })
}

/** A part of a sort key that sorts as the value does, or in reverse. */
function rankOf(value: FieldValue | undefined, descending: boolean): string | number {
  if (typeof value === 'string') return descending ? inverted(value) : value
  const number = value === undefined ? LOWEST : Number(value)
  return descending ? -number : number
}

function inverted(text: string): string {
  const units = Array.from({ length: text.length }, (_, index) => String.fromCharCode(0xffff - text.charCodeAt(index)))
  return `${units.join('')}\uffff`
}
