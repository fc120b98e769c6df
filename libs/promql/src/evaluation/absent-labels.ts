import { isMetadataLabel, Labels } from '../labels/labels.ts'
import type { Expression } from '../parse/ast.ts'

/** The labels of the result of `absent`: those that the selector has exactly one matcher for, by equality. */
export function absentLabels(expression: Expression): Labels {
  const selector = expression.kind === 'matrixSelector' ? expression.selector : expression
  if (selector.kind !== 'vectorSelector') return Labels.empty
  const labels = new Map<string, string>()
  const seen = new Set<string>()
  for (const { name, operator, value } of selector.matchers) {
    if (isMetadataLabel(name)) continue
    if (operator === '=' && !seen.has(name)) {
      labels.set(name, value)
      seen.add(name)
    } else labels.delete(name)
  }
  return Labels.from(labels)
}
