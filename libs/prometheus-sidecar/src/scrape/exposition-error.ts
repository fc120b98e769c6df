/** The exposition can't be parsed, or has more samples than allowed; the message names the line. */
export class ExpositionError extends Error {
  readonly code = 'ERR_EXPOSITION'

  constructor(message: string, line?: number) {
    super(line === undefined ? message : `line ${line}: ${message}`)
    this.name = 'ExpositionError'
  }
}

/** The beginning of a string, for messages. */
export function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
