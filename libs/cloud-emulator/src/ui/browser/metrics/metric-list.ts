import { searchField } from '@node-to-cloud/browser-kit/browser/fields'
import { html, ifDefined, render, repeat, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { plural } from '@node-to-cloud/browser-kit/format/plural'
import { formatCount, formatValue } from '@node-to-cloud/browser-kit/format/value'
import { hasWords } from '@node-to-cloud/browser-kit/format/words'
import type { MetricSummary } from '../../../contract/metrics.ts'
import type { AppContext } from '../app-context.ts'
import { shortMetricName } from '../dashboard/legend.ts'
import { el } from '../element.ts'
import { moveFocusWithArrows } from '../roving-focus.ts'

function lastValueText(metric: MetricSummary): string {
  const { lastValue } = metric
  if (lastValue === null || lastValue === undefined) return '–'
  if (typeof lastValue === 'object') {
    return lastValue.count === 0
      ? 'empty'
      : `${formatCount(lastValue.count)} ${plural(lastValue.count, 'value')}, mean ${formatValue(lastValue.mean, metric.unit)}`
  }
  return typeof lastValue === 'number' ? formatValue(lastValue, metric.unit || '1') : String(lastValue)
}

function rateText(pointsPerSecond: number): string {
  return pointsPerSecond === 0 ? '–' : formatValue(pointsPerSecond, '1/s')
}

/** A name with line breaks allowed only between its words. */
export function breakable(name: string): readonly TemplateResult[] {
  return name.split(/(?<=[_/.:])/).map((part) => html`${part}<wbr />`)
}

/** The metrics whose types, kinds, labels or resources contain all words of a search. */
export function findMetrics(metrics: readonly MetricSummary[], search: string): readonly MetricSummary[] {
  return metrics.filter(({ type, metricKind, valueType, labelKeys, resourceTypes }) =>
    hasWords([type, metricKind, valueType, ...labelKeys, ...resourceTypes].join(' '), search),
  )
}

/** A metric as a row that links to its chart. */
export function metricRow(
  metric: MetricSummary,
  { href, isCurrent }: { readonly href: string; readonly isCurrent: boolean },
): TemplateResult {
  const { type, metricKind, valueType, series, pointsPerSecond, labelKeys } = metric
  const short = shortMetricName(type)
  return html`<li>
    <a class="metric-row" title=${type} href=${href} aria-current=${ifDefined(isCurrent ? 'true' : undefined)}>
      <span class="metric-name"
        ><span class="metric-prefix">${type.slice(0, type.length - short.length)}</span
        ><span class="metric-short">${breakable(short)}</span></span
      >
      <span class="metric-value">${lastValueText(metric)}</span>
      <span class="metric-line"
        ><span class="chip">${metricKind} ${valueType}</span
        ><span class="metric-meta"
          >${formatCount(series)} series · ${rateText(pointsPerSecond)} · ${labelKeys.join(', ') || 'no labels'}</span
        ></span
      >
    </a>
  </li>`
}

/** A list of metric types with a search box; each links to its chart. */
export class MetricList {
  readonly element = el('section', { class: 'metric-side' })
  readonly #app: AppContext
  #metrics: readonly MetricSummary[] = []
  #search = ''

  constructor(app: AppContext) {
    this.#app = app
    moveFocusWithArrows(this.element, '.metric-row, .search')
  }

  show(metrics: readonly MetricSummary[]): void {
    this.#metrics = metrics
    this.#draw()
  }

  focusSearch(): void {
    this.element.querySelector('input')?.focus()
  }

  #draw(): void {
    const app = this.#app
    const found = findMetrics(this.#metrics, this.#search)
    const all = this.#metrics.length
    const key = (metric: MetricSummary): string => metric.type
    render(
      html`<div class="search-bar">
          ${searchField({
            label: 'Find a metric',
            placeholder: 'Find a metric, label or resource',
            value: this.#search,
            note: found.length === all ? String(all) : `${found.length} of ${all}`,
            onChange: (value) => {
              this.#search = value
              this.#draw()
            },
            onEnter: () => this.element.querySelector<HTMLElement>('.metric-row')?.click(),
          })}
        </div>
        <ul class="metric-list" aria-label="Metric types">
          ${repeat(found, key, (metric) => {
            const { type } = metric
            return metricRow(metric, { href: app.link('metrics', type), isCurrent: app.route().id === type })
          })}
          ${found.length === 0 ? html`<li class="muted pad">No metric matches.</li>` : ''}
        </ul>`,
      this.element,
    )
  }
}
