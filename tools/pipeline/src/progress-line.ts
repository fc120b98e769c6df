/** One line that is rewritten on a terminal; elsewhere a line is printed when the text changes. */
export class ProgressLine {
  #last = ''
  readonly #stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>
  readonly #rewrites: boolean

  /** @param env - a terminal that is `dumb` can't rewrite a line */
  constructor(
    stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>,
    env: Readonly<Record<string, string | undefined>> = process.env,
  ) {
    this.#stream = stream
    this.#rewrites = stream.isTTY && env.TERM !== 'dumb'
  }

  show(text: string, seconds: number): void {
    const line = `${text}, ${Math.round(seconds)} s`
    if (this.#rewrites) this.#stream.write(`\r\x1b[K${shortened(line, this.#stream.columns)}`)
    else if (text !== this.#last) this.#stream.write(`${line}\n`)
    this.#last = text
  }

  end(): void {
    if (this.#rewrites && this.#last !== '') this.#stream.write('\n')
    this.#last = ''
  }
}

/** A line that wraps can't be rewritten as a whole; one that fills the last column may wrap too. */
function shortened(line: string, columns: number): string {
  const room = Math.max(columns - 1, 1)
  return line.length <= room ? line : `${line.slice(0, room - 1)}…`
}
