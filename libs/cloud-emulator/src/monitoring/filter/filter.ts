/** The left side of a comparison. */
export type Selector =
  | { readonly kind: 'project' | 'metric.type' | 'resource.type' | 'group.id' }
  | {
      readonly kind: 'metric.labels' | 'resource.labels' | 'metadata.user_labels' | 'metadata.system_labels'
      readonly key: string
    }

export type ComparisonOperator = '=' | '!=' | ':' | '<' | '>' | '<=' | '>='

export type FilterFunction = 'starts_with' | 'ends_with' | 'has_substring' | 'one_of' | 'monitoring.regex.full_match'

export type Operand =
  | { readonly kind: 'value'; readonly value: string; readonly position: number }
  | {
      readonly kind: 'function'
      readonly name: FilterFunction
      readonly arguments: readonly string[]
      readonly position: number
    }

export interface Comparison {
  readonly kind: 'comparison'
  readonly selector: Selector
  readonly operator: ComparisonOperator
  readonly operand: Operand
  readonly position: number
}

/** The syntax tree of a Cloud Monitoring filter. */
export type Filter =
  | Comparison
  | { readonly kind: 'not'; readonly operand: Filter }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Filter[] }
