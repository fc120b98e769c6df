import { RpcError } from '../api/rpc-error.ts'
import type { Filter } from '../monitoring/filter/filter.ts'
import { parseFilter } from '../monitoring/filter/parse-filter.ts'

/** Throws UNIMPLEMENTED if a filter matches only series with metadata, which don't exist here. */
export function refuseMetadataRestriction(filter: string): void {
  const selector = requiredMetadata(filter === '' ? undefined : parsed(filter))
  if (selector !== undefined)
    throw new RpcError(
      'UNIMPLEMENTED',
      `The filter restricts ${selector}, but series have no metadata in this emulator.`,
    )
}

/** An invalid filter is rejected where it is parsed. */
function parsed(filter: string): Filter | undefined {
  try {
    return parseFilter(filter)
  } catch {
    return undefined
  }
}

function requiredMetadata(filter: Filter | undefined): string | undefined {
  if (filter?.kind === 'and') {
    for (const operand of filter.operands) {
      const found = requiredMetadata(operand)
      if (found !== undefined) return found
    }
  }
  if (filter?.kind !== 'comparison' || filter.operator === '!=') return undefined
  const { selector } = filter
  return selector.kind === 'metadata.user_labels' || selector.kind === 'metadata.system_labels'
    ? `${selector.kind}.${selector.key}`
    : undefined
}
