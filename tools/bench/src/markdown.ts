import type { ScenarioResult } from './run-scenario.ts'
import type { Spread } from './statistics.ts'

/** A scenario's result as a Markdown section: a table of the variants, and one of the bounds. */
export function markdownOf(result: ScenarioResult): string {
  const rows = result.variants.map(
    ({ variant, value, ratio }) =>
      `| ${variant} | ${figure(value.median)} | ${figure(value.min)}–${figure(value.max)} | ${ratioText(ratio)} |`,
  )
  const bounds = result.bounds.map(
    ({ variant, of, asShareOfBaseline, atLeast, ratio, ok }) =>
      `| ${variant} | ${asShareOfBaseline ? `what ${result.baseline} makes of ${of}` : of} | ${atLeast} | ${ratioText(ratio)} | ${ok ? 'yes' : '**no**'} |`,
  )
  const left =
    result.left.length > 0
      ? `\nNot measured, because this machine lacks what they need: ${result.left.join(', ')}.\n`
      : ''
  const boundsTable =
    bounds.length === 0
      ? ''
      : `\n| bound on | of | at least | ratio | spread | holds |\n|---|---|---:|---:|---:|---|\n${bounds.join('\n')}\n`
  return `## ${result.scenario}

${result.description} Medians of ${result.rounds} interleaved rounds; ratios round by round, to ${result.baseline}.

| variant | ${result.unit} | spread | ratio | spread |
|---|---:|---:|---:|---:|
${rows.join('\n')}
${boundsTable}${left}`
}

function ratioText(ratio: Spread): string {
  return `${ratio.median.toFixed(2)} | ${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)}`
}

/** Three significant digits, with thousands separators. */
function figure(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 })
}
