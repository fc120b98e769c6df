import type { LabelValues, MetricSummary } from '../api-types.ts'
import type { AppContext, Page } from '../app-context.ts'
import { createWidget } from '../dashboard/create-widget.ts'
import { shortMetricName } from '../dashboard/legend.ts'
import { fitPeriod } from '../dashboard/query-plan.ts'
import type { WidgetView } from '../dashboard/widget-view.ts'
import { el } from '../element.ts'
import { codeBlock, copy, emptyState, writerExample } from '../empty-state.ts'
import { formatAgo } from '../format-time.ts'
import { formatCount, formatValue } from '../format-value.ts'
import {
  alignersFor,
  enumText,
  givesDistributions,
  type QueryChoices,
  readChoices,
  reducersFor,
  timeSeriesFilter,
} from '../metrics/aggregation-choices.ts'
import { moveFocusWithArrows } from '../roving-focus.ts'
import { endsOf, zoomTo } from '../time-range.ts'

const plotNames: Readonly<Record<string, string>> = {
  LINE: 'lines',
  STACKED_AREA: 'stacked area',
  STACKED_BAR: 'stacked bars',
  HEATMAP: 'heatmap',
}

function lastValueText(metric: MetricSummary): string {
  const { lastValue } = metric
  if (lastValue === null || lastValue === undefined) return '–'
  if (typeof lastValue === 'object') {
    return lastValue.count === 0
      ? 'empty'
      : `${formatCount(lastValue.count)} × ${formatValue(lastValue.mean, metric.unit)}`
  }
  return typeof lastValue === 'number' ? formatValue(lastValue, metric.unit || '1') : String(lastValue)
}

function rateText(pointsPerSecond: number): string {
  return pointsPerSecond === 0 ? '–' : formatValue(pointsPerSecond, '1/s')
}

type Control = HTMLSelectElement | HTMLInputElement

function controls(host: HTMLElement): Control[] {
  return [...host.querySelectorAll<Control>('select, input')]
}

/** What tells a control from the others, also once they are made anew. */
function controlName(control: Control): string {
  return control.getAttribute('aria-label') ?? control.value
}

/** The control that has the focus: whoever chooses by keyboard goes on from it. */
function focusedControl(host: HTMLElement): string | undefined {
  const focused = controls(host).find((control) => control === document.activeElement)
  return focused && controlName(focused)
}

/** The metrics explorer: every type that was written, and a chart of the one chosen. */
export function createMetricsPage(app: AppContext): Page {
  const search = el('input', {
    type: 'search',
    class: 'input search',
    placeholder: 'Find a metric, label or resource',
    'aria-label': 'Find a metric',
    spellcheck: 'false',
  })
  const count = el('span', { class: 'muted count' })
  const list = el('div', { class: 'metric-list', role: 'list', 'aria-label': 'Metric types' })
  const listSide = el('section', { class: 'metric-side' }, el('div', { class: 'search-bar' }, search, count), list)
  const detail = el('section', { class: 'metric-detail' })
  const element = el('div', { class: 'page metrics-page' }, listSide, detail)

  let metrics: readonly MetricSummary[] = []
  let detailKey = ''
  let chart: WidgetView | undefined
  let table: WidgetView | undefined
  let facts: HTMLElement | undefined

  const matches = (metric: MetricSummary): boolean => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
    const text = [metric.type, metric.metricKind, metric.valueType, ...metric.labelKeys, ...metric.resourceTypes]
      .join(' ')
      .toLowerCase()
    return words.every((word) => text.includes(word))
  }

  const rows = new Map<string, { row: HTMLElement; draw: (metric: MetricSummary) => void }>()
  const rowFor = (metric: MetricSummary): HTMLElement => {
    const known = rows.get(metric.type)
    if (known) {
      known.draw(metric)
      return known.row
    }
    const short = shortMetricName(metric.type)
    const value = el('span', { class: 'metric-value' })
    const kind = el('span', { class: 'chip' })
    const meta = el('span', { class: 'metric-meta' })
    const row = el(
      'a',
      { class: 'metric-row', role: 'listitem', title: metric.type },
      el(
        'span',
        { class: 'metric-name' },
        el('span', { class: 'metric-prefix' }, metric.type.slice(0, metric.type.length - short.length)),
        el('span', { class: 'metric-short' }, short),
      ),
      value,
      el('span', { class: 'metric-line' }, kind, meta),
    )
    const draw = (next: MetricSummary): void => {
      value.textContent = lastValueText(next)
      kind.textContent = `${next.metricKind} ${next.valueType}`
      meta.textContent = `${formatCount(next.series)} series · ${rateText(next.pointsPerSecond)} · ${next.labelKeys.join(', ') || 'no labels'}`
      row.setAttribute('href', app.link('metrics', next.type))
      if (app.route().id === next.type) row.setAttribute('aria-current', 'true')
      else row.removeAttribute('aria-current')
    }
    draw(metric)
    rows.set(metric.type, { row, draw })
    return row
  }

  const drawList = (): void => {
    const found = metrics.filter(matches)
    count.textContent = found.length === metrics.length ? `${metrics.length}` : `${found.length} of ${metrics.length}`
    const wanted = found.map(rowFor)
    const same = wanted.length === list.childElementCount && wanted.every((row, index) => list.children[index] === row)
    if (!same) list.replaceChildren(...wanted)
    if (found.length === 0) list.replaceChildren(el('p', { class: 'muted pad' }, 'No metric matches.'))
  }
  search.addEventListener('input', drawList)
  search.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') list.querySelector('a')?.focus()
    else if (event.key === 'Enter') list.querySelector('a')?.click()
    else return
    event.preventDefault()
  })
  moveFocusWithArrows(list, 'a', search)

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
      onZoom: (startMs: number, endMs: number) => app.setRange(zoomTo(startMs, endMs)),
      onZoomReset: () => app.resetRange(),
      onTrace: (traceId: string) => app.navigate({ page: 'traces', id: traceId, parameters: {} }),
    }
    chart = createWidget({ xyChart: { dataSets: [{ plotType: choices.plotType, timeSeriesQuery: query }] } }, events)
    table = createWidget({ timeSeriesTable: { dataSets: [{ timeSeriesQuery: query }] } }, events)
    const plots = givesDistributions(metric.valueType, choices.aligner, choices.reducer)
      ? ['HEATMAP']
      : ['LINE', 'STACKED_AREA', 'STACKED_BAR']
    const where = el('input', {
      class: 'input where',
      value: choices.where,
      placeholder: 'metric.label.status=monitoring.regex.full_match("5..")',
      'aria-label': 'Further filter',
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
        select('Draw as', 'plot', plots, choices.plotType, (value) => plotNames[value] ?? value),
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
        el('p', {}, 'Start the whole pipeline, which writes by itself:'),
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
      drawList()
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
                el('p', {}, 'Its chart, labels and the filter for a dashboard appear here.'),
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
    focusSearch: () => search.focus(),
    destroy: () => chart?.destroy(),
  }
}
