import type { CommandSpec, ProgramSpec } from '../program-spec.ts'
import { boolean } from '../values/scalar-values.ts'
import type { ValueSpec, ValueType } from '../values/value-type.ts'
import { wrap } from './wrap.ts'

const MAX_NAME_WIDTH = 30

/** What `--help` prints: of the program, or of one of its commands. */
export function helpText(program: ProgramSpec, commandName: string | undefined, width: number): string {
  const commands = Object.entries(program.commands ?? {})
  const command = commandName === undefined ? undefined : program.commands?.[commandName]
  const shown = command ?? program.commands?.[program.defaultCommand ?? ''] ?? program
  const isOverview = command === undefined && commands.length > 0
  const sections = [wrap(sentence(command?.summary ?? program.summary), width)]
  const usages = isOverview
    ? commands.map(([name, spec]) => usageLine(program, name, spec))
    : [usageLine(program, commandName, shown)]
  sections.push(`Usage:\n${usages.map((line) => `  ${line}`).join('\n')}`)
  if (isOverview)
    sections.push(
      section(
        'Commands',
        commands.map(([name, { summary }]) => [name, summary]),
        width,
      ),
    )
  sections.push(
    ...specSections(
      shown,
      isOverview ? program.defaultCommand : undefined,
      width,
      isOverview || commandName === undefined,
    ),
  )
  if (isOverview && program.details !== undefined) sections.push(program.details.trim())
  if (isOverview) sections.push(`Options of a command: ${program.name} COMMAND --help`)
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`
}

function specSections(
  spec: CommandSpec,
  defaultCommand: string | undefined,
  width: number,
  hasVersion: boolean,
): string[] {
  const options = { ...spec.options, ...informationOptions(hasVersion) }
  const title = defaultCommand === undefined ? 'Options' : `Options (of ${defaultCommand}, the default command)`
  const ignored = Object.entries(spec.options ?? {}).filter(
    ([, { isIgnored, help }]) => isIgnored && help !== undefined,
  )
  return [
    section(
      'Arguments',
      rows(spec.arguments, (name) => name),
      width,
    ),
    section(title, rows(options, optionName), width),
    ignored.length === 0
      ? ''
      : wrap(`Accepted without effect: ${ignored.map(([name]) => `--${name}`).join(', ')}.`, width),
    section(
      'Environment',
      rows(spec.environment, (name) => name),
      width,
    ),
    notesOf([spec.arguments, spec.options, spec.environment])
      .map((note) => wrap(note, width))
      .join('\n'),
    spec.details?.trim() ?? '',
  ]
}

/** The options that every program has. */
export function informationOptions(hasVersion: boolean): ValueSpec {
  return {
    help: boolean({ short: 'h', help: 'Show this help and exit' }),
    ...(hasVersion ? { version: boolean({ short: 'v', help: 'Show the version and exit' }) } : {}),
  }
}

/** What a user calls: the program, or one of its commands. */
export function callOf(program: ProgramSpec, commandName: string | undefined): string {
  if (commandName === undefined) return program.calledAs ?? program.name
  return program.commands?.[commandName]?.calledAs ?? `${program.name} ${commandName}`
}

function usageLine(program: ProgramSpec, name: string | undefined, spec: CommandSpec): string {
  const called =
    name !== undefined && name === program.defaultCommand ? `${program.name} [${name}]` : callOf(program, name)
  const words = Object.entries(spec.arguments ?? {}).map(([argument, type]) => {
    const repeated = type.element === undefined ? argument : `${argument}…`
    return type.required ? repeated : `[${repeated}]`
  })
  return [called, ...words, '[options]'].join(' ')
}

/** `-h, --help`, `--target URL`. */
export function optionName(name: string, { short, isBoolean, placeholder }: ValueType<unknown>): string {
  const long = `${short === undefined ? '' : `-${short}, `}--${name}`
  return isBoolean || placeholder === undefined ? long : `${long} ${placeholder}`
}

/** The help of a value with its default, and the variable it is read from. */
function helpOf(
  { help = '', defaultText, environment, element, required, choices }: ValueType<unknown>,
  name: string,
): string {
  const remarks = [
    ...(choices === undefined || choices.every((choice) => name.includes(choice))
      ? []
      : [`one of ${choices.join(', ')}`]),
    ...(required ? ['required'] : []),
    ...(defaultText === undefined ? [] : [`default ${defaultText}`]),
    ...(environment === undefined ? [] : [`environment ${environment}`]),
    ...(element === undefined ? [] : ['repeatable']),
  ]
  return remarks.length === 0 ? help : `${help} (${remarks.join('; ')})`
}

function rows(spec: ValueSpec = {}, nameOf: (name: string, type: ValueType<unknown>) => string): [string, string][] {
  return Object.entries(spec)
    .filter(([, { help, isIgnored }]) => help !== undefined && !isIgnored)
    .map(([name, type]) => {
      const shown = nameOf(name, type)
      return [shown, helpOf(type, shown)]
    })
}

/** Grammars and notes of the values, each once. */
export function notesOf(specs: readonly (ValueSpec | undefined)[]): string[] {
  const shown = specs.flatMap((spec) => Object.values(spec ?? {})).filter(({ help }) => help !== undefined)
  return [...new Set(shown.flatMap(({ grammar, note }) => [grammar ?? '', note ?? '']))].filter((text) => text !== '')
}

function section(title: string, entries: readonly (readonly [name: string, help: string])[], width: number): string {
  if (entries.length === 0) return ''
  const nameWidth = Math.min(MAX_NAME_WIDTH, Math.max(...entries.map(([name]) => name.length)))
  const indent = ' '.repeat(nameWidth + 4)
  const lines = entries.map(([name, help]) => {
    const text = wrap(help, Math.max(width - indent.length, 20)).replaceAll('\n', `\n${indent}`)
    return name.length > nameWidth ? `  ${name}\n${indent}${text}` : `  ${name.padEnd(nameWidth)}  ${text}`
  })
  return `${title}:\n${lines.join('\n')}`
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
