import type { ValueSpec, ValuesOf } from './values/value-type.ts'

/** The options, arguments and variables of a program or a command. */
export interface CommandSpec {
  /** One line: what it does. */
  readonly summary: string
  /** How a user calls it where that is not the program's and the command's name, such as `npm run verify --`. */
  readonly calledAs?: string
  /** Options by name, without the leading dashes. `--help` and, for the program, `--version` are added. */
  readonly options?: ValueSpec
  /** Arguments in their order, by the name that help shows, such as SCRIPT. Only the last may be repeatable. */
  readonly arguments?: ValueSpec
  /** Environment variables that are read and listed in help. */
  readonly environment?: ValueSpec
  /** Paragraphs at the end of its help, such as exit codes or examples; printed as they are. */
  readonly details?: string
}

/** A program and its commands. */
export interface ProgramSpec extends CommandSpec {
  /** As the user calls it: `loadtester`, `npm run verify --`. */
  readonly name: string
  readonly version: string
  /** Commands by name. With commands, the program itself has neither options nor arguments. */
  readonly commands?: Readonly<Record<string, CommandSpec>>
  /** The command to run if none is named. */
  readonly defaultCommand?: string
}

type SpecOf<
  Command extends CommandSpec,
  Part extends 'options' | 'arguments' | 'environment',
> = Command[Part] extends ValueSpec ? Command[Part] : Record<never, never>

/** A command as it was called, all values read. */
export interface Invocation<Name extends string | undefined, Command extends CommandSpec> {
  readonly kind: 'command'
  /** Undefined for a program without commands. */
  readonly command: Name
  readonly options: ValuesOf<SpecOf<Command, 'options'>>
  readonly arguments: ValuesOf<SpecOf<Command, 'arguments'>>
  readonly environment: ValuesOf<SpecOf<Command, 'environment'>>
  /** The options that were given and have no effect, such as `--log.format`. */
  readonly ignored: readonly string[]
  /** The names of the options that were given on the command line. */
  readonly given: ReadonlySet<string>
  /** What the user called, such as `loadtester run`; for `new UsageError(…, { command: calledAs })`. */
  readonly calledAs: string
}

/** The result of a command line: the text of `--help` or `--version`, or a command to run. */
export type CommandLine<Program extends ProgramSpec> =
  | { readonly kind: 'information'; readonly text: string }
  | InvocationOf<Program>

/** The commands of a program, with their values. */
export type InvocationOf<Program extends ProgramSpec> =
  Program['commands'] extends Readonly<Record<string, CommandSpec>>
    ? {
        [Name in keyof Program['commands'] & string]: Invocation<Name, Program['commands'][Name]>
      }[keyof Program['commands'] & string]
    : Invocation<undefined, Program>
