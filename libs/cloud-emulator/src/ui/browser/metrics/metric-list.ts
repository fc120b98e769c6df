import { formatCount, formatValue } from '@node-to-cloud/browser-kit/format/value'
import type { MetricSummary } from '../../../contract/metrics.ts'
import type { AppContext } from '../app-context.ts'
import { shortMetricName } from '../dashboard/legend.ts'
import { el } from '../element.ts'
import { moveFocusWithArrows } from '../roving-focus.ts'

/** A list of metric types with a search box; each links to its chart. */
export interface MetricList {
  readonly element: HTMLElement
  show(metrics: readonly MetricSummary[]): void
  focusSearch(): void
}

function lastValueText(metric: MetricSummary): string {
  const { lastValue } = metric
  if (lastValue === null || lastValue === undefined) return '–'
  if (typeof lastValue === 'object') {
    return lastValue.count === 0
      ? 'empty'
      : `${formatCount(lastValue.count)} values, mean ${formatValue(lastValue.mean, metric.unit)}`
  }
  return typeof lastValue === 'number' ? formatValue(lastValue, metric.unit || '1') : String(lastValue)
}

function rateText(pointsPerSecond: number): string {
  return pointsPerSecond === 0 ? '–' : formatValue(pointsPerSecond, '1/s')
}

/** A name that may be broken after its words only. */
function breakable(name: string): (Node | string)[] {
  return name.split(/(?<=[_/.:])/).flatMap((part, index) => (index === 0 ? [part] : [el('wbr'), part]))
}

export function createMetricList(app: AppContext): MetricList {
  const search = el('input', {
    type: 'search',
    class: 'input search',
    placeholder: 'Find a metric, label or resource',
    'aria-label': 'Find a metric',
    spellcheck: 'false',
  })
  const count = el('span', { class: 'muted count' })
  const list = el('ul', { class: 'metric-list', 'aria-label': 'Metric types' })
  const element = el('section', { class: 'metric-side' }, el('div', { class: 'search-bar' }, search, count), list)
  let metrics: readonly MetricSummary[] = []

  const matches = (metric: MetricSummary): boolean => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
    const text = [metric.type, metric.metricKind, metric.valueType, ...metric.labelKeys, ...metric.resourceTypes]
      .join(' ')
      .toLowerCase()
    return words.every((word) => text.includes(word))
  }

  const rows = new Map<string, { item: HTMLElement; draw: (metric: MetricSummary) => void }>()
  const rowFor = (metric: MetricSummary): HTMLElement => {
    const known = rows.get(metric.type)
    if (known) {
      known.draw(metric)
      return known.item
    }
    const short = shortMetricName(metric.type)
    const value = el('span', { class: 'metric-value' })
    const kind = el('span', { class: 'chip' })
    const meta = el('span', { class: 'metric-meta' })
    const row = el(
      'a',
      { class: 'metric-row', title: metric.type },
      el(
        'span',
        { class: 'metric-name' },
        el('span', { class: 'metric-prefix' }, metric.type.slice(0, metric.type.length - short.length)),
        el('span', { class: 'metric-short' }, ...breakable(short)),
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
    const item = el('li', {}, row)
    rows.set(metric.type, { item, draw })
    return item
  }

  const drawList = (): void => {
    const found = metrics.filter(matches)
    count.textContent = found.length === metrics.length ? `${metrics.length}` : `${found.length} of ${metrics.length}`
    const wanted = found.map(rowFor)
    const same = wanted.length === list.childElementCount && wanted.every((row, index) => list.children[index] === row)
    if (!same) list.replaceChildren(...wanted)
    if (found.length === 0) list.replaceChildren(el('li', { class: 'muted pad' }, 'No metric matches.'))
  }
  search.addEventListener('input', drawList)
  search.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') list.querySelector('a')?.focus()
    else if (event.key === 'Enter') list.querySelector('a')?.click()
    else return
    event.preventDefault()
  })
  moveFocusWithArrows(list, 'a', search)

  return {
    element,
    show(next) {
      metrics = next
      drawList()
    },
    focusSearch: () => search.focus(),
  }
}
