import { createdName, type Exemplar, type MetricFamily, type MetricType, type Sample } from './family.ts'

/** The two exposition formats: OpenMetrics 1.0.0 and Prometheus' text format 0.0.4. */
export type ExpositionFormat = 'openmetrics' | 'text'

/** The Content-Type of each format. */
export const EXPOSITION_CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  text: 'text/plain; version=0.0.4; charset=utf-8',
}

/**
 * Renders metric families as one exposition. Samples of counters end in `_total` in both formats; in OpenMetrics their
 * metadata uses the base name, exemplars follow their samples, `_created` is the start time of totals, and `# EOF` ends
 * the text. `le` and `quantile` are floats (`"1.0"`) in both formats, so that a series keeps its labels when a scraper
 * changes the format.
 */
export function renderExposition(families: Iterable<MetricFamily>, format: ExpositionFormat): string {
  let text = ''
  for (const family of families) text += renderFamily(family, format)
  return format === 'openmetrics' ? `${text}# EOF\n` : text
}

function renderFamily(family: MetricFamily, format: ExpositionFormat): string {
  const isCounter = family.type === 'counter'
  const metadataName = isCounter && format === 'text' ? `${family.name}_total` : family.name
  let text = `# HELP ${metadataName} ${escapeHelp(family.help, format)}\n# TYPE ${metadataName} ${family.type}\n`
  const created = createdName(family)
  for (const sample of family.samples) {
    const isStart = family.type !== 'gauge' && sample.name === created
    if (isStart && format === 'text') continue
    const name = isCounter && !isStart ? `${sample.name}_total` : sample.name
    text += `${name}${renderLabels(sample.labels, BOUND_LABELS[family.type])} ${renderValue(sample.value)}`
    if (format === 'openmetrics' && sample.exemplar !== undefined && mayHaveExemplar(family, sample)) {
      text += renderExemplar(sample.exemplar)
    }
    text += '\n'
  }
  return text
}

function mayHaveExemplar(family: MetricFamily, sample: Sample): boolean {
  return family.type === 'counter' || (family.type === 'histogram' && sample.name.endsWith('_bucket'))
}

function renderExemplar(exemplar: Exemplar): string {
  const labels = renderLabels(exemplar.labels) || '{}'
  return ` # ${labels} ${renderValue(exemplar.value)} ${exemplar.timestampSeconds}`
}

/** The labels whose values are floats in these families; elsewhere they are ordinary labels. */
const BOUND_LABELS: Readonly<Partial<Record<MetricType, string>>> = { histogram: 'le', summary: 'quantile' }

function renderLabels(labels: Sample['labels'], boundLabel?: string): string {
  let text = ''
  for (const name in labels) {
    const value = labels[name]
    if (name !== boundLabel && value !== undefined) text += renderLabel(name, renderLabelValue(value), text === '')
  }
  // The client puts `le` first; people look for it at the end.
  const bound = boundLabel === undefined ? undefined : labels[boundLabel]
  if (boundLabel !== undefined && bound !== undefined) text += renderLabel(boundLabel, renderBound(bound), text === '')
  return text === '' ? '' : `${text}}`
}

function renderLabel(name: string, value: string, isFirst: boolean): string {
  return `${isFirst ? '{' : ','}${name}="${value}"`
}

function renderLabelValue(value: string | number): string {
  if (typeof value === 'number') return String(value)
  return /["\\\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"') : value
}

function renderValue(value: number): string {
  if (Number.isFinite(value)) return String(value)
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}

/**
 * A bucket's bound or a quantile in OpenMetrics' canonical form, which is that of Go's `%g` and always recognizable as
 * a float.
 * See https://prometheus.io/docs/specs/om/open_metrics_spec/#considerations-canonical-numbers.
 */
function renderBound(value: string | number): string {
  const bound = typeof value === 'number' ? value : value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value)
  if (!Number.isFinite(bound)) return renderValue(bound)
  const [mantissa = '', exponentText = ''] = bound.toExponential().split('e')
  const exponent = Number(exponentText)
  if (exponent >= -4 && exponent < 6) return Number.isInteger(bound) ? `${bound}.0` : String(bound)
  const digits = String(Math.abs(exponent)).padStart(2, '0')
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`
}

function escapeHelp(help: string, format: ExpositionFormat): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped
}
