import { parseDocument } from 'yaml'

/** Reads a YAML document into plain values. Gives the problems that it finds; with any, the value is undefined. */
export function readYaml(text: string): { readonly value: unknown; readonly problems: readonly string[] } {
  const document = parseDocument(text)
  const problems = document.errors.map(({ message }) => firstLine(message))
  if (problems.length > 0) return { value: undefined, problems }
  try {
    return { value: document.toJS({ maxAliasCount: 100 }), problems }
  } catch (error) {
    // Aliases that lead nowhere, or that would fill the memory.
    return { value: undefined, problems: [firstLine(error instanceof Error ? error.message : String(error))] }
  }
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message
}
