import { invalidField } from '../../api/rpc-error.ts'
import { compileFilter, type FilterPredicate } from './evaluate-filter.ts'
import type { Filter } from './filter.ts'
import { FilterError } from './filter-error.ts'
import { parseFilter } from './parse-filter.ts'

/** Parses and compiles the filter of a request. Throws INVALID_ARGUMENT with the position of the error. */
export function readFilter(text: string, field = 'filter'): { filter: Filter | undefined; matches: FilterPredicate } {
  try {
    const filter = parseFilter(text)
    return { filter, matches: compileFilter(filter) }
  } catch (error) {
    if (error instanceof FilterError) throw invalidField(field, text, `${error.message}.`)
    throw error
  }
}
