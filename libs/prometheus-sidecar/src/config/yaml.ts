import { messageOf } from '@node-to-cloud/command-line'
import { parseDocument } from 'yaml'

/**
 * Parses a YAML document. Scalars remain strings as written (`1.10`, `007700`, `True`), except for null, and `<<`
 * merges maps, as in Prometheus. If there are problems, the value is undefined.
 */
export function readYaml(text: string): { readonly value: unknown; readonly problems: readonly string[] } {
  const document = parseDocument(text, { schema: 'failsafe', customTags: ['null', 'merge'], merge: true })
  const problems = document.errors.map(({ message }) => firstLine(message))
  if (problems.length > 0) return { value: undefined, problems }
  try {
    return { value: document.toJS({ maxAliasCount: 100 }), problems }
  } catch (error) {
    // Aliases without an anchor, or so many that expanding them would exhaust the memory.
    return { value: undefined, problems: [firstLine(messageOf(error))] }
  }
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/:$/, '')
}
