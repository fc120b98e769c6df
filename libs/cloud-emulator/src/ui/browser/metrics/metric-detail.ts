import { choiceField, textField } from '@node-to-cloud/browser-kit/browser/fields'
import { html, nothing, render, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import { formatAgo } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatValue } from '@node-to-cloud/browser-kit/format/value'
import type { LabelValues, MetricSummary } from '../../../contract/metrics.ts'
import type { AppContext } from '../app-context.ts'
import { alignmentOf, fitPeriod } from '../dashboard/query-plan.ts'
import { createWidget } from '../dashboard/widgets/create-widget.ts'
import { widgetEvents } from '../dashboard/widgets/widget-events.ts'
import type { WidgetView } from '../dashboard/widgets/widget-view.ts'
import { copyButton } from '../empty-state.ts'
import { endsOf } from '../range/time-range.ts'
import {
  alignersFor,
  enumText,
  plotTypesFor,
  type QueryChoices,
  readChoices,
  reducersFor,
  timeSeriesFilter,
  unitOfResult,
} from './aggregation-choices.ts'
import { groupByView } from './group-by.ts'
import { breakable } from './metric-list.ts'

const PLOT_NAMES: Readonly<Record<string, string>> = {
  LINE: 'lines',
  STACKED_AREA: 'stacked area',
  STACKED_BAR: 'stacked bars',
  HEATMAP: 'heatmap',
}

/** The chart of one metric, its aggregation, and the newest value of each series. */
export class MetricDetail {
  readonly #app: AppContext
  readonly #host: HTMLElement
  #drawn: { readonly key: string; readonly chart: WidgetView; readonly table: WidgetView } | undefined
  #labels: LabelValues = { metricLabels: {}, resourceTypes: [], resourceLabels: {} }
  #labelsOf = ''

  constructor(app: AppContext, host: HTMLElement) {
    this.#app = app
    this.#host = host
  }

  async refresh(metric: MetricSummary, signal: AbortSignal): Promise<void> {
    const app = this.#app
    if (this.#labelsOf !== metric.type) {
      this.#labels = await app.api.labels(metric.type, signal)
      this.#labelsOf = metric.type
    }
    const choices = readChoices(metric, app.route().parameters)
    const { chart, table } = this.#widgets(metric, choices)
    render(this.#view(metric, choices), this.#host)
    const { startMs, endMs } = endsOf(app.range(), app.nowMs())
    const rangeSeconds = (endMs - startMs) / 1000
    const queries = chart.queries.map(({ minAlignmentPeriod, ...query }) => ({
      ...query,
      ...alignmentOf(app.route().parameters, rangeSeconds),
      timeSeriesQuery: fitPeriod(query.timeSeriesQuery, rangeSeconds, minAlignmentPeriod),
    }))
    const { nowMs, results } = await app.api.query(startMs, endMs, queries, signal)
    app.sawServerTime(nowMs)
    const frame = { startMs, endMs, nowMs }
    chart.update(results, frame)
    table.update(results, frame)
  }

  destroy(): void {
    this.#drawn?.chart.destroy()
    this.#drawn = undefined
  }

  #widgets(metric: MetricSummary, choices: QueryChoices): { readonly chart: WidgetView; readonly table: WidgetView } {
    const key = JSON.stringify([metric.type, metric.metricKind, metric.valueType, metric.unit, choices])
    if (this.#drawn?.key === key) return this.#drawn
    this.destroy()
    const app = this.#app
    const unitOverride = unitOfResult(metric, choices)
    const timeSeriesQuery = {
      timeSeriesFilter: timeSeriesFilter(metric.type, choices),
      ...(unitOverride === undefined ? {} : { unitOverride }),
    }
    const events = widgetEvents(app)
    const xyChart = { dataSets: [{ plotType: choices.plotType, timeSeriesQuery }] }
    this.#drawn = {
      key,
      chart: createWidget({ xyChart }, events, app.api),
      table: createWidget({ timeSeriesTable: { dataSets: [{ timeSeriesQuery }] } }, events, app.api),
    }
    return this.#drawn
  }

  #view(metric: MetricSummary, choices: QueryChoices): TemplateResult {
    const json = JSON.stringify({ timeSeriesFilter: timeSeriesFilter(metric.type, choices) }, null, 2)
    return html`<a class="back" href=${this.#app.link('metrics')}>← All metrics</a>
      <h2 class="metric-title">${breakable(metric.type)}</h2>
      ${metric.description ? html`<p class="muted">${metric.description}</p>` : nothing} ${this.#facts(metric)}
      ${this.#queryBar(metric, choices)} ${groupByView(this.#app, this.#labels, choices)}
      <article class="tile explorer-chart"><div class="tile-body">${this.#drawn?.chart.body}</div></article>
      <article class="tile explorer-table">
        <h3 class="tile-title">Newest value of each series</h3>
        <div class="tile-body">${this.#drawn?.table.body}</div>
      </article>
      <article class="tile explorer-json">
        <h3 class="tile-title">For a dashboard ${copyButton(() => json, '', 'Copy timeSeriesFilter')}</h3>
        <pre class="json" tabindex="0">${json}</pre>
      </article>`
  }

  #queryBar(metric: MetricSummary, choices: QueryChoices): TemplateResult {
    const set = (parameter: string) => (value: string) =>
      this.#app.setParameters({ [parameter]: value }, { replace: true })
    const { aligner, reducer, plotType, where } = choices
    const aligners = alignersFor(metric.metricKind, metric.valueType)
    const reducers = reducersFor(metric.valueType, aligner)
    const plots = plotTypesFor(metric.valueType, aligner, reducer)
    const plotName = (value: string): string => PLOT_NAMES[value] ?? value
    return html`<div class="query-bar">
      ${choiceField({ label: 'Aligner', value: aligner, values: aligners, textOf: enumText, onChange: set('aligner') })}
      ${choiceField({ label: 'Reducer', value: reducer, values: reducers, textOf: enumText, onChange: set('reducer') })}
      ${choiceField({ label: 'Draw as', value: plotType, values: plots, textOf: plotName, onChange: set('plot') })}
      ${textField({
        label: 'Filter',
        value: where,
        className: 'where',
        placeholder: 'metric.label.status=monitoring.regex.full_match("5..")',
        onChange: set('where'),
      })}
    </div>`
  }

  #facts(metric: MetricSummary): TemplateResult {
    const pairs: readonly (readonly [string, string])[] = [
      ['kind', metric.metricKind],
      ['value', metric.valueType],
      ['unit', metric.unit || '1'],
      ['resource', metric.resourceTypes.join(', ')],
      ['series', formatCount(metric.series)],
      ['points', formatCount(metric.points)],
      ['written', metric.pointsPerSecond === 0 ? 'not now' : formatValue(metric.pointsPerSecond, '1/s')],
      ['last point', metric.lastPointMs === null ? 'none' : formatAgo(metric.lastPointMs, this.#app.nowMs())],
    ]
    return html`<dl class="facts">
      ${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
    </dl>`
  }
}
