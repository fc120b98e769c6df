import type { ValueSpec, ValueType } from '../values/value-type.ts'
import { notesOf, optionName } from './help-text.ts'

/** The options as the Markdown table of a README, with what their values may be below it. */
export function optionsMarkdown(spec: ValueSpec): string {
  const ignored = Object.entries(spec).filter(([, { isIgnored, help }]) => isIgnored && help !== undefined)
  const paragraphs = [table('Option', spec, optionName), ...notesOf([spec])]
  if (ignored.length > 0) {
    paragraphs.push(`Accepted without effect: ${ignored.map(([name]) => `\`--${name}\``).join(', ')}.`)
  }
  return `${paragraphs.join('\n\n')}\n`
}

/** The environment variables as the Markdown table of a README. */
export function environmentMarkdown(spec: ValueSpec): string {
  return `${[table('Variable', spec, (name) => name), ...notesOf([spec])].join('\n\n')}\n`
}

function table(title: string, spec: ValueSpec, nameOf: (name: string, type: ValueType<unknown>) => string): string {
  const rows = Object.entries(spec)
    .filter(([, { help, isIgnored }]) => help !== undefined && !isIgnored)
    .map(([name, type]) => {
      const { defaultText, environment, element, required, choices, help = '' } = type
      const shown = nameOf(name, type)
      const fallback = defaultText === undefined ? '' : `\`${defaultText}\``
      const remarks = [
        ...(choices === undefined || choices.every((choice) => shown.includes(choice))
          ? []
          : [`One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.`]),
        ...(required ? ['Required.'] : []),
        ...(environment === undefined ? [] : [`Environment: \`${environment}\`.`]),
        ...(element === undefined ? [] : ['Repeatable.']),
      ]
      const text = remarks.length === 0 ? help : `${help.replace(/\.?$/, '.')} ${remarks.join(' ')}`
      return `| ${cell(`\`${shown}\``)} | ${cell(fallback)} | ${cell(text)} |`
    })
  return [`| ${title} | Default | |`, '|---|---|---|', ...rows].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
