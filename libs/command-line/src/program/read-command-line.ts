import { EnvironmentError, readVariables } from '../environment.ts'
import { callOf, helpText } from '../help/help-text.ts'
import { helpWidth } from '../help/wrap.ts'
import { nearest } from '../nearest.ts'
import { type Problem, printable, problemText } from '../problem.ts'
import type { CommandLine, CommandSpec, ProgramSpec } from '../program-spec.ts'
import { UsageError } from '../usage-error.ts'
import type { Environment } from '../values/value-type.ts'
import { readArguments } from './given-arguments.ts'
import { GivenOptions } from './given-options.ts'
import { splitWords } from './words.ts'

/**
 * Reads a command line, and the environment, by a specification.
 *
 * @param args the words after the program's name
 * @throws {UsageError} naming every option, argument and variable that can't be used
 * @throws {EnvironmentError} where only variables can't be used
 */
export function readCommandLine<const Program extends ProgramSpec>(
  program: Program,
  args: readonly string[] = process.argv.slice(2),
  environment: Environment = process.env,
): CommandLine<Program> {
  const problems: string[] = []
  const environmentProblems: Problem[] = []
  const words = splitWords(program, args)
  const { command, spec, positionals, isKnown } = findCommand(program, words.positionals)
  const calledAs = callOf(program, positionals.named)
  const given = new GivenOptions(words.options, program, { spec: spec.options ?? {}, calledAs, problems })
  if (given.names.has('help')) return information(helpText(program, positionals.named, helpWidth()))
  if (given.names.has('version')) return information(`${program.version}\n`)
  // A word after an unknown option may be its value, so it is not reported.
  if (!isKnown && !given.hasUnknown) problems.splice(0, problems.length, unknownCommand(program, positionals.words[0]))
  const invocation = {
    kind: 'command',
    command,
    options: given.read(environment, isKnown ? problems : [], environmentProblems),
    arguments: readArguments(spec.arguments ?? {}, positionals.words, {
      calledAs,
      problems: isKnown && !given.hasUnknown ? problems : [],
    }),
    environment: readVariables(spec.environment ?? {}, environment, environmentProblems),
    ignored: [...given.names].filter((name) => spec.options?.[name]?.isIgnored).map((name) => `--${name}`),
    given: given.names,
    calledAs,
  }
  if (problems.length > 0) {
    throw new UsageError([...problems, ...environmentProblems.map(problemText)], { command: calledAs })
  }
  if (environmentProblems.length > 0) throw new EnvironmentError(environmentProblems)
  // The values were read by the very specification that their types are derived from.
  return invocation as unknown as CommandLine<Program>
}

function information(text: string) {
  return { kind: 'information', text } as const
}

interface FoundCommand {
  readonly command: string | undefined
  readonly spec: CommandSpec
  /** `named`: the command as the user wrote it; `words`: what is left for its arguments. */
  readonly positionals: { readonly named: string | undefined; readonly words: readonly string[] }
  readonly isKnown: boolean
}

function findCommand(program: ProgramSpec, words: readonly string[]): FoundCommand {
  const { commands, defaultCommand } = program
  if (commands === undefined) {
    return { command: undefined, spec: program, positionals: { named: undefined, words }, isKnown: true }
  }
  const [first, ...rest] = words
  const named = first !== undefined && Object.hasOwn(commands, first) ? commands[first] : undefined
  if (named !== undefined)
    return { command: first, spec: named, positionals: { named: first, words: rest }, isKnown: true }
  const spec = commands[defaultCommand ?? '']
  const takesWords = Object.keys(spec?.arguments ?? {}).length > 0
  const isKnown = spec !== undefined && (first === undefined || takesWords)
  return { command: defaultCommand, spec: spec ?? program, positionals: { named: undefined, words }, isKnown }
}

function unknownCommand({ name, commands = {} }: ProgramSpec, word: string | undefined): string {
  const known = Object.keys(commands)
  const list = known.join(', ')
  if (word === undefined) return `${name} needs a command: ${list}`
  const meant = nearest(word, known)
  const shown = printable(word)
  return meant === undefined
    ? `${shown} is not a command of ${name}; the commands are ${list}`
    : `${shown} is not a command of ${name}; did you mean ${meant}?`
}
