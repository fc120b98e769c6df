/** An invalid command line: one message that names every problem. A main program exits with its `exitCode`, 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'ERR_USAGE'
  readonly exitCode = 2
  readonly problems: readonly string[]

  /**
   * @param problems each a sentence without its full stop, such as `--rate and --users are mutually exclusive`
   * @param options `command`: what the user called, such as `loadtester run`, whose help the message points to
   */
  constructor(problems: string | readonly string[], options: ErrorOptions & { readonly command?: string } = {}) {
    const all = typeof problems === 'string' ? [problems] : problems
    const lines = all.length === 1 ? [...all] : [`${all.length} problems:`, ...all.map((problem) => `  ${problem}`)]
    if (options.command !== undefined) lines.push(`Try: ${options.command} --help`)
    super(lines.join('\n'), options)
    this.problems = all
  }
}
