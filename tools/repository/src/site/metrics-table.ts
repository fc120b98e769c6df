/** One metric family as an exposition describes it. */
interface Described {
  readonly name: string
  readonly type: string
  readonly help: string
}

/** The metrics of an exposition in text format 0.0.4 as a Markdown table by name. Leaves out those in `known`, and adds the others to it. */
export function metricsTable(exposition: string, known: Set<string> = new Set()): string {
  const rows = describedBy(exposition)
    .filter(({ name }) => !known.has(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, type, help }) => `| \`${name}\` | ${type} | ${labelsOf(exposition, name)} | ${escapeCell(help)} |`)
  for (const { name } of describedBy(exposition)) known.add(name)
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n')
}

function describedBy(exposition: string): readonly Described[] {
  const helps = new Map<string, string>()
  for (const [, name = '', help = ''] of exposition.matchAll(/^# HELP (\S+) (.*)$/gm)) helps.set(name, help)
  return [...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({
    name,
    type,
    help: helps.get(name) ?? '',
  }))
}

/** The labels of the series that are there now; `le` and `quantile` belong to the type. */
function labelsOf(exposition: string, name: string): string {
  const labels = new Set<string>()
  for (const line of exposition.split('\n')) {
    const [, sample = '', text = ''] = /^([\w:]+)\{(.*)\} \S+$/.exec(line) ?? []
    if (!new RegExp(`^${name}(?:_bucket|_sum|_count)?$`).test(sample)) continue
    for (const [, label = ''] of text.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) labels.add(label)
  }
  return [...labels]
    .filter((label) => label !== 'le' && label !== 'quantile')
    .map((label) => `\`${label}\``)
    .join(', ')
}

/** Of the exposition's escapes a table needs none; a bar and angle brackets would be Markdown's and HTML's. */
function escapeCell(help: string): string {
  const text = help.replaceAll('\\n', ' ').replaceAll('\\\\', '\\')
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('{{', '{ {')
}
