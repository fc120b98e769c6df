import { formatAgo } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatValue } from '@node-to-cloud/browser-kit/format/value'
import type { LabelValues, MetricSummary } from '../../../contract/metrics.ts'
import type { AppContext, Page } from '../app-context.ts'
import { fitPeriod } from '../dashboard/query-plan.ts'
import { createWidget } from '../dashboard/widgets/create-widget.ts'
import { widgetEvents } from '../dashboard/widgets/widget-events.ts'
import type { WidgetView } from '../dashboard/widgets/widget-view.ts'
import { el } from '../element.ts'
import { codeBlock, copy, emptyState, otherProjects, writerExample } from '../empty-state.ts'
import {
  alignersFor,
  enumText,
  givesDistributions,
  type QueryChoices,
  readChoices,
  reducersFor,
  timeSeriesFilter,
} from '../metrics/aggregation-choices.ts'
import { createMetricList } from '../metrics/metric-list.ts'
import { endsOf } from '../time-range.ts'

const PLOT_NAMES: Readonly<Record<string, string>> = {
  LINE: 'lines',
  STACKED_AREA: 'stacked area',
  STACKED_BAR: 'stacked bars',
  HEATMAP: 'heatmap',
}

type Control = HTMLSelectElement | HTMLInputElement

function controls(host: HTMLElement): Control[] {
  return [...host.querySelectorAll<Control>('select, input')]
}

/** Identifies a control, even after it was created again. */
function controlName(control: Control): string {
  return control.getAttribute('aria-label') ?? control.value
}

/** Returns the focus to the control that had it, for those who use the keyboard. */
function focusedControl(host: HTMLElement): string | undefined {
  const focused = controls(host).find((control) => control === document.activeElement)
  return focused && controlName(focused)
}

/** The metrics explorer: all metric types, and a chart of one. */
export function createMetricsPage(app: AppContext): Page {
  const list = createMetricList(app)
  const detail = el('section', { class: 'metric-detail' })
  const element = el('div', { class: 'page metrics-page' }, list.element, detail)

  let metrics: readonly MetricSummary[] = []
  let detailKey = ''
  let chart: WidgetView | undefined
  let table: WidgetView | undefined
  let facts: HTMLElement | undefined

  const select = (
    label: string,
    parameter: string,
    values: readonly string[],
    chosen: string,
    text: (value: string) => string,
  ): HTMLElement => {
    const options = values.map((value) => el('option', { value, selected: value === chosen }, text(value)))
    const box = el('select', { class: 'select', 'aria-label': label }, ...options)
    box.addEventListener('change', () => app.setParameters({ [parameter]: box.value }, { replace: true }))
    return el('label', { class: 'filter' }, el('span', {}, label), box)
  }

  const groupByBox = (labels: LabelValues, choices: QueryChoices): HTMLElement => {
    const fields = [
      ...Object.entries(labels.metricLabels).map(([key, values]) => ({ field: `metric.label.${key}`, key, values })),
      ...Object.entries(labels.resourceLabels).map(([key, values]) => ({
        field: `resource.label.${key}`,
        key,
        values,
      })),
    ]
    const disabled = choices.reducer === 'REDUCE_NONE'
    return el(
      'fieldset',
      { class: 'group-by', disabled },
      el('legend', {}, disabled ? 'Group by (choose a reducer first)' : 'Group by'),
      ...fields.map(({ field, key, values }) => {
        const box = el('input', { type: 'checkbox', value: field, checked: choices.groupBy.includes(field) })
        box.addEventListener('change', () => {
          const by = new Set(choices.groupBy)
          if (box.checked) by.add(field)
          else by.delete(field)
          app.setParameters({ by: [...by].join(',') }, { replace: true })
        })
        return el(
          'label',
          { class: 'check', title: values.slice(0, 20).join('\n') },
          box,
          key,
          el('span', { class: 'muted' }, ` ${values.length}`),
        )
      }),
    )
  }

  const buildDetail = (metric: MetricSummary, choices: QueryChoices, labels: LabelValues): void => {
    chart?.destroy()
    const query = { timeSeriesFilter: timeSeriesFilter(metric.type, choices) }
    const json = JSON.stringify(query, null, 2)
    const events = {
      ...widgetEvents(app),
      onTrace: (traceId: string) => app.navigate({ page: 'traces', id: traceId, parameters: {} }),
    }
    chart = createWidget(
      { xyChart: { dataSets: [{ plotType: choices.plotType, timeSeriesQuery: query }] } },
      events,
      app.api,
    )
    table = createWidget({ timeSeriesTable: { dataSets: [{ timeSeriesQuery: query }] } }, events, app.api)
    const plots = givesDistributions(metric.valueType, choices.aligner, choices.reducer)
      ? ['HEATMAP']
      : ['LINE', 'STACKED_AREA', 'STACKED_BAR']
    const where = el('input', {
      class: 'input where',
      value: choices.where,
      placeholder: 'metric.label.status=monitoring.regex.full_match("5..")',
      'aria-label': 'Additional filter',
      spellcheck: 'false',
    })
    where.addEventListener('change', () => app.setParameters({ where: where.value }, { replace: true }))
    const copyButton = el('button', { type: 'button', class: 'button' }, 'Copy timeSeriesFilter')
    copyButton.addEventListener('click', () => void copy(json, copyButton))
    facts = el('dl', { class: 'facts' })
    detail.replaceChildren(
      el('a', { class: 'back', href: app.link('metrics') }, '← All metrics'),
      el('h2', { class: 'metric-title' }, metric.type),
      metric.description ? el('p', { class: 'muted' }, metric.description) : '',
      facts,
      el(
        'div',
        { class: 'query-bar' },
        select('Aligner', 'aligner', alignersFor(metric.metricKind, metric.valueType), choices.aligner, enumText),
        select('Reducer', 'reducer', reducersFor(metric.valueType, choices.aligner), choices.reducer, enumText),
        select('Draw as', 'plot', plots, choices.plotType, (value) => PLOT_NAMES[value] ?? value),
        el('label', { class: 'filter filter-wide' }, el('span', {}, 'Filter'), where),
      ),
      groupByBox(labels, choices),
      el('article', { class: 'tile explorer-chart' }, el('div', { class: 'tile-body' }, chart.body)),
      el(
        'article',
        { class: 'tile explorer-table' },
        el('h3', { class: 'tile-title' }, 'Newest value of each series'),
        el('div', { class: 'tile-body' }, table.body),
      ),
      el(
        'article',
        { class: 'tile explorer-json' },
        el('h3', { class: 'tile-title' }, 'For a dashboard', copyButton),
        el('pre', { class: 'json', tabindex: '0' }, json),
      ),
    )
  }

  const drawFacts = (metric: MetricSummary): void => {
    const pairs: [string, string][] = [
      ['kind', metric.metricKind],
      ['value', metric.valueType],
      ['unit', metric.unit || '1'],
      ['resource', metric.resourceTypes.join(', ')],
      ['series', formatCount(metric.series)],
      ['points', formatCount(metric.points)],
      ['written', metric.pointsPerSecond === 0 ? 'not now' : `${formatValue(metric.pointsPerSecond, '1/s')}`],
      ['last point', metric.lastPointMs === null ? 'none' : formatAgo(metric.lastPointMs, app.nowMs())],
    ]
    facts?.replaceChildren(...pairs.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))))
  }

  const showEmpty = (): void => {
    detailKey = ''
    element.classList.add('nothing-yet')
    detail.replaceChildren(
      emptyState(
        'Nothing has been written yet',
        ...otherProjects(app, 'metrics'),
        el('p', {}, 'Start the whole pipeline, which writes metrics:'),
        codeBlock('npm start'),
        el('p', {}, 'or point Google’s own client at this emulator:'),
        codeBlock(writerExample(app.summary())),
        el('p', {}, 'What it refuses is listed under ', el('a', { href: app.link('writes') }, 'Writes'), '.'),
      ),
    )
  }

  return {
    element,
    async refresh(signal) {
      metrics = [...(await app.api.metrics(signal))].sort((a, b) => (a.type < b.type ? -1 : 1))
      const { id, parameters } = app.route()
      element.classList.toggle('has-choice', id !== undefined)
      if (metrics.length === 0) {
        showEmpty()
        return
      }
      element.classList.remove('nothing-yet')
      list.show(metrics)
      const metric = metrics.find((one) => one.type === id)
      if (!metric) {
        detailKey = ''
        chart?.destroy()
        chart = undefined
        table = undefined
        detail.replaceChildren(
          id === undefined
            ? emptyState(
                'Choose a metric',
                el('p', {}, 'Its chart and labels appear here, with a filter to copy into a dashboard.'),
              )
            : emptyState('Not written', el('p', {}, `No point of ${id} is stored.`)),
        )
        return
      }
      const choices = readChoices(metric, parameters)
      const key = JSON.stringify([metric.type, metric.metricKind, metric.valueType, choices])
      if (key !== detailKey) {
        const labels = await app.api.labels(metric.type, signal)
        detailKey = key
        const focused = focusedControl(detail)
        buildDetail(metric, choices, labels)
        controls(detail)
          .find((control) => controlName(control) === focused)
          ?.focus()
      }
      drawFacts(metric)
      const range = app.range()
      const { startMs, endMs } = endsOf(range, app.nowMs())
      const view = chart
      const rowsView = table
      if (!view || !rowsView) return
      const queries = view.queries.map(({ minAlignmentPeriod, ...query }) => ({
        ...query,
        timeSeriesQuery: fitPeriod(query.timeSeriesQuery, (endMs - startMs) / 1000, minAlignmentPeriod),
      }))
      const answer = await app.api.query(startMs, endMs, queries, signal)
      app.sawServerTime(answer.nowMs)
      const frame = { startMs, endMs, nowMs: answer.nowMs }
      view.update(answer.results, frame)
      rowsView.update(answer.results, frame)
    },
    focusSearch: () => list.focusSearch(),
    destroy: () => chart?.destroy(),
  }
}
