/** One line that is rewritten on a terminal; elsewhere a line is printed when the text changes. */
export class ProgressLine {
  #last = ''
  readonly #stream: NodeJS.WriteStream

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  show(text: string, seconds: number): void {
    if (this.#stream.isTTY) this.#stream.write(`\r\x1b[K${text}, ${Math.round(seconds)} s`)
    else if (text !== this.#last) this.#stream.write(`${text}, ${Math.round(seconds)} s\n`)
    this.#last = text
  }

  end(): void {
    if (this.#stream.isTTY && this.#last !== '') this.#stream.write('\n')
    this.#last = ''
  }
}
