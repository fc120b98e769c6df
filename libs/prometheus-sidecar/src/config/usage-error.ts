/** Flags or files that can't be used. Ends the program with exit code 2 and one message that names every problem. */
export class UsageError extends Error {
  readonly code = 'usage'
  readonly exitCode = 2

  constructor(problems: readonly string[], options?: ErrorOptions) {
    const [only] = problems
    super(
      problems.length === 1 && only !== undefined
        ? `${only}. Try --help.`
        : `${problems.length} things are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}\nTry --help.`,
      options,
    )
    this.name = 'UsageError'
  }
}
