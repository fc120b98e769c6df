/** A filter that can't be parsed or evaluated, and the position of the error (0 is the first character). */
export class FilterError extends Error {
  override readonly name = 'FilterError'
  readonly position: number

  constructor(message: string, position: number) {
    super(`${message} (at position ${position})`)
    this.position = position
  }
}
