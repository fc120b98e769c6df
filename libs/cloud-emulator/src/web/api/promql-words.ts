import { AGGREGATIONS, documentedType, FUNCTIONS, type FunctionSignature } from '@node-to-cloud/promql'
import type { PromqlWords } from '../../contract/promql.ts'

/** The functions and aggregations of queries. */
export function promqlWords(): PromqlWords {
  const functions = [...FUNCTIONS.values()].map((one) => ({ name: one.name, signature: signatureOf(one) }))
  return { functions, aggregations: AGGREGATIONS }
}

function signatureOf({ arguments: takes, variadic, returns }: FunctionSignature): string {
  const more = variadic === 0 ? '' : ', …'
  return `(${takes.map(documentedType).join(', ')}${more}) ${documentedType(returns)}`
}
