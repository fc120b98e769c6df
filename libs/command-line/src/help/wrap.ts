/**
 * Breaks text between words into lines of at most `width` characters; a longer word has a line of its own. Line breaks
 * in it stay.
 */
export function wrap(text: string, width: number): string {
  return text
    .split('\n')
    .map((paragraph) => {
      const lines: string[] = []
      let line = ''
      for (const word of paragraph.split(' ')) {
        if (line !== '' && line.length + 1 + word.length > width) {
          lines.push(line)
          line = word
        } else line = line === '' ? word : `${line} ${word}`
      }
      return [...lines, line].join('\n')
    })
    .join('\n')
}

/** The columns that help may use: the terminal's up to 120, or 80 where there is none. */
export function helpWidth(stream: { readonly columns?: number } = process.stdout): number {
  return Math.min(Math.max(stream.columns ?? 80, 40), 120)
}
