import { formatClock, formatDateTime } from '@node-to-cloud/browser-kit/format/time'
import { formatCount, formatDurationMs } from '@node-to-cloud/browser-kit/format/value'
import type { Trace, TraceList, TraceListParameters, TraceSummary } from '../../../contract/traces.ts'
import type { AppContext, Page } from '../app-context.ts'
import { createScatterChart } from '../chart/scatter-chart.ts'
import { ApiError } from '../client/api.ts'
import { el } from '../element.ts'
import { codeBlock, emptyState, otherProjects, otlpExample } from '../empty-state.ts'
import { parseDurationText } from '../format/duration-text.ts'
import { logsBySpan, type TraceLogs } from '../logs/trace-logs.ts'
import { moveFocusWithArrows } from '../roving-focus.ts'
import { endsOf, zoomTo } from '../time-range.ts'
import { drawServiceMap } from '../traces/service-map.ts'
import { createWaterfall } from '../traces/waterfall.ts'

const MAX_TRACES = 1000
const MAX_ROWS = 200
const MAX_LOG_LINES = 1000
/** Log lines of a trace are looked for this long before and after it. */
const LOG_MARGIN_MS = 600_000

function selectFilter(app: AppContext, label: string, parameter: string): HTMLSelectElement {
  const box = el('select', { class: 'select', 'aria-label': label })
  box.addEventListener('change', () => app.setParameters({ [parameter]: box.value }))
  return box
}

function fillSelect(box: HTMLSelectElement, values: readonly string[], chosen: string): void {
  const all = chosen && !values.includes(chosen) ? [chosen, ...values] : values
  const key = JSON.stringify([all, chosen])
  if (box.dataset.key === key) return
  box.dataset.key = key
  box.replaceChildren(
    el('option', { value: '' }, 'all'),
    ...all.map((value) => el('option', { value, selected: value === chosen }, value)),
  )
}

function durationFilter(app: AppContext, label: string, parameter: string): HTMLInputElement {
  const box = el('input', {
    class: 'input duration',
    placeholder: 'e.g. 100ms',
    'aria-label': label,
    spellcheck: 'false',
  })
  box.addEventListener('change', () => {
    const valid = box.value.trim() === '' || parseDurationText(box.value) !== undefined
    box.setAttribute('aria-invalid', String(!valid))
    box.title = valid ? '' : 'A duration such as 250us, 100ms, 1.5s'
    if (valid) app.setParameters({ [parameter]: box.value.trim() })
  })
  return box
}

/** The root span's name, and the path of the request if the name does not tell it, such as `GET /orders`. */
function titleOf({ rootName, path }: TraceSummary): string {
  const name = rootName || '(no root span)'
  return path === undefined || name.includes(path) ? name : `${name} ${path}`
}

/** The service of the root span, then the others. */
function servicesOf(first: string, services: readonly string[]): string {
  return [...new Set([first, ...services])].filter((service) => service !== '').join(', ')
}

/** Shows the durations of traces over time, a list with filters, and the waterfall of one trace. */
export function createTracesPage(app: AppContext): Page {
  const service = selectFilter(app, 'Service', 'service')
  const name = selectFilter(app, 'Root span', 'name')
  const status = selectFilter(app, 'Status', 'status')
  const shortest = durationFilter(app, 'Shortest duration', 'min')
  const longest = durationFilter(app, 'Longest duration', 'max')
  const attribute = el('input', {
    class: 'input',
    placeholder: 'http.route=/orders',
    'aria-label': 'Attribute',
    title: 'KEY or KEY=VALUE, of a span or its resource',
    spellcheck: 'false',
  })
  attribute.addEventListener('change', () => app.setParameters({ attribute: attribute.value.trim() }))
  const sort = el(
    'select',
    { class: 'select', 'aria-label': 'Sort' },
    el('option', { value: '' }, 'newest'),
    el('option', { value: 'slowest' }, 'slowest'),
  )
  sort.addEventListener('change', () => app.setParameters({ sort: sort.value }))
  const mapToggle = el('button', { type: 'button', class: 'button', 'aria-pressed': 'false' }, 'Service map')
  mapToggle.addEventListener('click', () => app.setParameters({ view: isMap() ? '' : 'map' }))
  const isMap = (): boolean => app.route().parameters.view === 'map'
  const label = (text: string, control: HTMLElement): HTMLElement =>
    el('label', { class: 'filter' }, el('span', {}, text), control)
  const bar = el(
    'div',
    { class: 'page-bar filter-bar' },
    label('Service', service),
    label('Root span', name),
    label('Status', status),
    label('At least', shortest),
    label('At most', longest),
    label('Attribute', attribute),
    label('Sort', sort),
    mapToggle,
  )
  const scatterHost = el('div', {
    class: 'chart scatter',
    tabindex: '0',
    role: 'group',
    'aria-label': 'Durations of traces over time: arrow keys move, Enter opens',
  })
  const summary = el('p', { class: 'muted list-summary' })
  const list = el('div', { class: 'trace-list', role: 'group', 'aria-label': 'Traces' })
  const openTrace = (traceId: string): void =>
    app.navigate({ page: 'traces', id: traceId, parameters: app.route().parameters })
  const scatter = createScatterChart(scatterHost, {
    onZoom: (startMs, endMs) => app.setRange(zoomTo(startMs, endMs)),
    onZoomReset: () => app.resetRange(),
    onOpen: openTrace,
  })
  const map = el('article', { class: 'tile service-map' })
  const lists = el(
    'div',
    {},
    el('article', { class: 'tile scatter-tile' }, el('div', { class: 'tile-body' }, scatterHost)),
    summary,
    list,
  )
  const listView = el('div', { class: 'trace-lists' }, bar, lists, map)
  const detail = el('div', { class: 'trace-detail' })
  const element = el('div', { class: 'page traces-page' }, listView)
  let shownTrace = ''

  moveFocusWithArrows(list, 'a')

  const row = (trace: TraceSummary, longestMs: number): HTMLElement =>
    el(
      'a',
      {
        class: trace.errors > 0 ? 'trace-row trace-failed' : 'trace-row',
        href: app.link('traces', trace.traceId),
      },
      el('span', { class: 'trace-time' }, formatClock(trace.startMs)),
      el(
        'span',
        { class: 'trace-name' },
        el('strong', {}, titleOf(trace)),
        el('span', { class: 'muted' }, ` ${trace.statusCode ?? ''} ${servicesOf(trace.rootService, trace.services)}`),
      ),
      el(
        'span',
        { class: 'trace-track' },
        el('span', {
          class: 'trace-bar',
          style: { width: `${Math.max(1, (trace.durationMs / (longestMs || 1)) * 100)}%` },
        }),
      ),
      el('span', { class: 'trace-duration' }, formatDurationMs(trace.durationMs)),
      el(
        'span',
        { class: 'trace-spans muted' },
        trace.errors > 0 ? `✕ ${trace.errors} of ${trace.spans}` : spanCount(trace.spans),
      ),
    )

  let listKey = ''
  const drawList = (found: TraceList, order: string, filtered: boolean): void => {
    const key = JSON.stringify([
      found.traces.map((trace) => [trace.traceId, trace.spans, trace.durationMs]),
      location.hash,
    ])
    if (key === listKey) return
    listKey = key
    const longestMs = Math.max(0, ...found.traces.map((trace) => trace.durationMs))
    const shown = found.traces.slice(0, MAX_ROWS)
    summary.textContent =
      found.traces.length === 0
        ? ''
        : `${formatCount(found.total)} ${found.total === 1 ? 'trace' : 'traces'}${shown.length < found.total ? `, the ${order} ${shown.length} are shown` : ''}`
    if (found.traces.length > 0) list.replaceChildren(...shown.map((trace) => row(trace, longestMs)))
    else if (filtered || (app.summary()?.spans ?? 0) > 0) {
      list.replaceChildren(emptyState('No trace matches', el('p', {}, 'Widen the time range or clear a filter.')))
    } else {
      list.replaceChildren(
        emptyState(
          'No traces yet',
          ...otherProjects(app, 'traces'),
          el('p', {}, 'Start the whole pipeline, whose services are traced:'),
          codeBlock('npm start'),
          el('p', {}, 'or send the spans of your own service:'),
          codeBlock(otlpExample(app.summary())),
        ),
      )
    }
  }

  const refreshMap = async (signal: AbortSignal): Promise<void> => {
    const { startMs, endMs } = endsOf(app.range(), app.nowMs())
    const found = await app.api.serviceMap({ start: Math.round(startMs), end: Math.round(endMs) }, signal)
    const { view: _, ...parameters } = app.route().parameters
    drawServiceMap(map, found, (service) => app.link('traces', undefined, { ...parameters, service }))
  }

  const refreshList = async (signal: AbortSignal): Promise<void> => {
    const { parameters } = app.route()
    const { startMs, endMs } = endsOf(app.range(), app.nowMs())
    const minDurationMs = parseDurationText(parameters.min ?? '')
    const maxDurationMs = parseDurationText(parameters.max ?? '')
    const filter: TraceListParameters = {
      start: Math.round(startMs),
      end: Math.round(endMs),
      limit: MAX_TRACES,
      ...(parameters.service ? { service: parameters.service } : {}),
      ...(parameters.name ? { name: parameters.name } : {}),
      ...(parameters.status ? { status: parameters.status } : {}),
      ...(parameters.attribute ? { attribute: parameters.attribute } : {}),
      ...(minDurationMs === undefined ? {} : { minDurationMs }),
      ...(maxDurationMs === undefined ? {} : { maxDurationMs }),
    }
    const order = parameters.sort === 'slowest' ? 'slowest' : 'newest'
    const found = await app.api.traces({ ...filter, sort: order }, signal)
    sort.value = parameters.sort === 'slowest' ? 'slowest' : ''
    if (document.activeElement !== attribute) attribute.value = parameters.attribute ?? ''
    fillSelect(service, found.services, parameters.service ?? '')
    fillSelect(name, found.names, parameters.name ?? '')
    fillSelect(status, ['ok', 'error'], parameters.status ?? '')
    if (document.activeElement !== shortest) shortest.value = parameters.min ?? ''
    if (document.activeElement !== longest) longest.value = parameters.max ?? ''
    scatter.update({
      startMs,
      endMs,
      points: found.traces.map((trace) => ({
        id: trace.traceId,
        name: trace.rootName || trace.services.join(', '),
        timeMs: trace.startMs,
        durationMs: trace.durationMs,
        error: trace.errors > 0,
      })),
    })
    drawList(found, order, Object.keys(filter).length > 3)
  }

  const refreshTrace = async (traceId: string, signal: AbortSignal): Promise<void> => {
    const back = el('a', { class: 'back', href: app.link('traces') }, '← All traces')
    try {
      const trace = await app.api.trace(traceId, signal)
      const logs = await traceLogs(app, trace, signal)
      const key = `${traceId} ${trace.spans.length} ${logs.count}`
      if (key === shownTrace) return
      shownTrace = key
      const root = trace.spans[0]
      const services = [...new Set(trace.spans.map((span) => span.service))]
      detail.replaceChildren(
        back,
        el('h2', { class: 'trace-title' }, root?.name ?? traceId),
        el(
          'p',
          { class: 'muted' },
          `${formatDateTime(trace.startMs)} · ${formatDurationMs(trace.durationMs)} · ${spanCount(trace.spans.length)} · ${servicesOf(root?.service ?? '', services)}`,
        ),
        el('p', { class: 'muted mono' }, traceId),
        el(
          'p',
          {},
          el(
            'a',
            { href: app.link('logs', undefined, { query: traceQuery(traceId) }) },
            logs.count === 1 ? '1 log line' : `${formatCount(logs.count)} log lines`,
          ),
        ),
        createWaterfall(trace, { traceLink: (id) => app.link('traces', id), logs }),
      )
    } catch (error) {
      if (!(error instanceof ApiError) || (error.code !== 404 && error.code !== 400)) throw error
      shownTrace = ''
      detail.replaceChildren(
        back,
        emptyState(
          'Trace not found',
          el('p', {}, 'It has not arrived yet, was not sampled, or has been evicted.'),
          el('p', { class: 'mono muted' }, traceId),
        ),
      )
    }
  }

  return {
    element,
    async refresh(signal) {
      const { id } = app.route()
      const wanted = id === undefined ? listView : detail
      if (element.firstElementChild !== wanted) {
        // Moves the focus to the trace, for those who opened it with the keyboard.
        const hadFocus = list.contains(document.activeElement) || scatterHost === document.activeElement
        element.replaceChildren(wanted)
        detail.tabIndex = -1
        if (hadFocus) detail.focus({ preventScroll: true })
      }
      if (id === undefined) {
        shownTrace = ''
        mapToggle.setAttribute('aria-pressed', String(isMap()))
        lists.hidden = isMap()
        map.hidden = !isMap()
        await (isMap() ? refreshMap(signal) : refreshList(signal))
      } else await refreshTrace(id, signal)
    },
    focusSearch: () => service.focus(),
    destroy: () => scatter.destroy(),
  }
}

function spanCount(count: number): string {
  return `${count} ${count === 1 ? 'span' : 'spans'}`
}

function traceQuery(traceId: string): string {
  return `trace:"${traceId}"`
}

async function traceLogs(app: AppContext, trace: Trace, signal: AbortSignal): Promise<TraceLogs> {
  const { entries } = await app.api.logs(
    {
      query: traceQuery(trace.traceId),
      start: Math.floor(trace.startMs - LOG_MARGIN_MS),
      end: Math.ceil(trace.startMs + trace.durationMs + LOG_MARGIN_MS),
      limit: MAX_LOG_LINES,
    },
    signal,
  )
  return logsBySpan(entries, new Set(trace.spans.map(({ spanId }) => spanId)))
}
