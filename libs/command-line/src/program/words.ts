import { parseArgs } from 'node:util'
import { informationOptions } from '../help/help-text.ts'
import type { ProgramSpec } from '../program-spec.ts'
import type { ValueSpec } from '../values/value-type.ts'

/** An option as it was written. */
export interface OptionWord {
  /** Without dashes; for an unknown one as it was written. */
  readonly name: string
  /** With dashes. */
  readonly written: string
  readonly value: string | undefined
  /** It was written with `=`. */
  readonly isInline: boolean
}

/** The words of a command line, classified. */
export interface Words {
  readonly options: readonly OptionWord[]
  readonly positionals: readonly string[]
}

/** Separates options from positional words, by the options of all commands: a command may stand after its options. */
export function splitWords(program: ProgramSpec, args: readonly string[]): Words {
  const config: Record<string, { type: 'string' | 'boolean'; short?: string }> = {}
  for (const spec of [...Object.values(program.commands ?? {}), program]) {
    for (const [name, { isBoolean, short }] of Object.entries<ValueSpec[string]>({
      ...spec.options,
      ...informationOptions(true),
    })) {
      config[name] = { type: isBoolean ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) }
    }
  }
  const { tokens } = parseArgs({
    args: [...args],
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const options: OptionWord[] = []
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind === 'option') {
      const { name, rawName: written, value } = token
      options.push({ name, written, value, isInline: token.inlineValue ?? false })
    }
  }
  return { options, positionals }
}
