import type { ScenarioResult } from './run-scenario.ts'

/** A scenario's result as a Markdown section with one table. */
export function markdownOf(result: ScenarioResult): string {
  const rows = result.variants.map(({ variant, value, ratio, atLeast, ok }) => {
    const bound = atLeast === undefined ? '' : `${atLeast.toFixed(2)}${ok ? '' : ' **missed**'}`
    return `| ${variant} | ${figure(value.median)} | ${figure(value.min)}–${figure(value.max)} | ${ratio.median.toFixed(2)} | ${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)} | ${bound} |`
  })
  const left = result.left.length > 0 ? `\nNot measured, since this machine lacks it: ${result.left.join(', ')}.\n` : ''
  return `## ${result.scenario}

${result.description} Medians of ${result.rounds} interleaved rounds; ratios to ${result.baseline} in the same round.

| variant | ${result.unit} | spread | ratio | spread | at least |
|---|---:|---:|---:|---:|---:|
${rows.join('\n')}
${left}`
}

/** Three significant digits, with thousands set apart. */
function figure(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 })
}
