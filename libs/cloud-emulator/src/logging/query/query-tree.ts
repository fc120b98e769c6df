import type { Operator } from './tokens.ts'

/** A value on the right side of a comparison. */
export interface Literal {
  readonly text: string
  /** A quoted value is never a keyword such as NULL_VALUE. */
  readonly quoted: boolean
  /** The value as the path of a field, where a function's argument may be one. */
  readonly names?: readonly string[]
  readonly position: number
}

/** A path such as `jsonPayload.user."first name"`. */
export interface FieldPath {
  readonly names: readonly string[]
  /** As written in the query. */
  readonly text: string
  readonly position: number
}

/** A function of a field whose result is compared, such as `cast(jsonPayload.n, INT64)`. */
export interface Calculation {
  readonly function: string
  readonly source: Operand
  /** The arguments after the first one. */
  readonly arguments: readonly Literal[]
  /** The function's name, as written in the query. */
  readonly text: string
  readonly position: number
}

/** The left side of a comparison. */
export type Operand = FieldPath | Calculation

export type QueryTree =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly QueryTree[] }
  | { readonly kind: 'not'; readonly part: QueryTree }
  | { readonly kind: 'comparison'; readonly field: Operand; readonly operator: Operator; readonly value: Literal }
  /** A value on its own, which matches if any field has it. */
  | { readonly kind: 'anywhere'; readonly value: Literal }
  | {
      readonly kind: 'function'
      readonly name: string
      readonly arguments: readonly Literal[]
      readonly position: number
    }
