import { formatCount } from '@node-to-cloud/browser-kit/format/value'
import type { LogEntryJson, LogList } from '../../../contract/logs.ts'
import type { AppContext, Page } from '../app-context.ts'
import { ApiError } from '../client/api.ts'
import { followLogs } from '../client/log-tail.ts'
import { el, setText } from '../element.ts'
import { codeBlock, emptyState, otherProjects, otlpExample } from '../empty-state.ts'
import { createLogHistogram, SEVERITIES } from '../logs/log-histogram.ts'
import { logRow } from '../logs/log-row.ts'
import { moveFocusWithArrows } from '../roving-focus.ts'
import { endsOf, zoomTo } from '../time-range.ts'

const PAGE_ENTRIES = 200
const MAX_ROWS = 1000
const BUCKETS = 60

/** Shows entries over time by severity, a query, the entries newest first, and a live tail. */
export function createLogsPage(app: AppContext): Page {
  const query = el('input', {
    class: 'input log-query',
    type: 'search',
    placeholder: 'jsonPayload.message:"timeout" OR httpRequest.status>=500',
    'aria-label': 'Query',
    spellcheck: 'false',
    autocomplete: 'off',
  })
  query.addEventListener('change', () => app.setParameters({ query: query.value.trim() }))
  const severity = el(
    'select',
    { class: 'select', 'aria-label': 'At least as severe as' },
    ...SEVERITIES.map((name) =>
      el('option', { value: name === 'DEFAULT' ? '' : name }, name === 'DEFAULT' ? 'all' : name),
    ),
  )
  severity.addEventListener('change', () => app.setParameters({ severity: severity.value }))
  const live = el('button', { type: 'button', class: 'button', 'aria-pressed': 'false' }, 'Live tail')
  live.addEventListener('click', () => app.setParameters({ live: isLive() ? '' : '1' }))
  const problem = el('p', { class: 'log-problem', role: 'alert', hidden: true })
  const histogram = createLogHistogram((startMs, endMs) => app.setRange(zoomTo(startMs, endMs)))
  const note = el('p', { class: 'muted list-summary', role: 'status' })
  const list = el('div', { class: 'log-list' })
  const older = el('button', { type: 'button', class: 'button log-older', hidden: true }, 'Older entries')
  moveFocusWithArrows(list, 'summary')
  const element = el(
    'div',
    { class: 'page logs-page' },
    el(
      'div',
      { class: 'page-bar filter-bar' },
      el('label', { class: 'filter log-query-filter' }, el('span', {}, 'Query'), query),
      el('label', { class: 'filter' }, el('span', {}, 'Severity'), severity),
      live,
    ),
    problem,
    histogram.element,
    note,
    list,
    older,
  )

  const isLive = (): boolean => app.route().parameters.live === '1'
  const row = (entry: LogEntryJson): HTMLElement => logRow(entry, (traceId) => app.link('traces', traceId))
  const asked = (): { query: string; severity: string } => {
    const { query: text = '', severity: least = '' } = app.route().parameters
    return { query: text, severity: least }
  }

  let tail: { key: string; stop: () => void } | undefined
  let drawn = ''
  let nextPageToken = ''
  let missed = 0

  const stopTail = (): void => {
    tail?.stop()
    tail = undefined
  }
  const follow = (): void => {
    const project = app.route().parameters.project || app.summary()?.project
    const key = JSON.stringify([project, asked()])
    if (tail?.key === key) return
    stopTail()
    missed = 0
    list.replaceChildren()
    const stop = followLogs({ project, ...asked() }, ({ entries, suppressed }) => {
      missed += suppressed
      list.prepend(...entries.toReversed().map(row))
      while (list.childElementCount > MAX_ROWS) list.lastElementChild?.remove()
      setText(note, tailNote(list.childElementCount, missed))
    })
    tail = { key, stop }
    setText(note, tailNote(0, 0))
  }

  const drawEntries = ({ entries, nextPageToken: token }: LogList): void => {
    const key = JSON.stringify([entries.map(({ insertId, timestamp }) => [insertId, timestamp]), location.hash])
    if (key === drawn) return
    drawn = key
    nextPageToken = token
    older.hidden = token === ''
    setText(note, entries.length === 0 ? '' : `The newest ${formatCount(entries.length)}`)
    if (entries.length > 0) list.replaceChildren(...entries.map(row))
    else list.replaceChildren(nothing(app, asked().query + asked().severity !== ''))
  }

  const load = async (signal: AbortSignal): Promise<void> => {
    const { startMs, endMs } = endsOf(app.range(), app.nowMs())
    const found = await app.api.logs(
      {
        ...asked(),
        start: Math.round(startMs),
        end: Math.round(endMs),
        limit: isLive() ? 1 : PAGE_ENTRIES,
        buckets: BUCKETS,
      },
      signal,
    )
    problem.hidden = true
    if (found.histogram) histogram.update(found.histogram)
    if (isLive()) follow()
    else drawEntries(found)
  }

  older.addEventListener('click', () => {
    older.disabled = true
    const { startMs, endMs } = endsOf(app.range(), app.nowMs())
    app.api
      .logs({
        ...asked(),
        start: Math.round(startMs),
        end: Math.round(endMs),
        limit: PAGE_ENTRIES,
        pageToken: nextPageToken,
      })
      .then((found) => {
        nextPageToken = found.nextPageToken
        list.append(...found.entries.map(row))
        older.hidden = found.nextPageToken === '' || list.childElementCount >= MAX_ROWS * 5
        setText(note, `The newest ${formatCount(list.childElementCount)}`)
      })
      .catch((error: unknown) => showProblem(error))
      .finally(() => {
        older.disabled = false
      })
  })

  function showProblem(error: unknown): void {
    problem.hidden = false
    setText(problem, error instanceof Error ? error.message : String(error))
  }

  return {
    element,
    async refresh(signal) {
      const { parameters } = app.route()
      if (document.activeElement !== query) query.value = parameters.query ?? ''
      severity.value = parameters.severity ?? ''
      live.setAttribute('aria-pressed', String(isLive()))
      if (!isLive() && tail) {
        stopTail()
        drawn = ''
      }
      older.hidden ||= isLive()
      try {
        await load(signal)
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 400) throw error
        stopTail()
        showProblem(error)
      }
    },
    focusSearch: () => query.focus(),
    destroy: stopTail,
  }
}

function tailNote(shown: number, missed: number): string {
  const more = missed === 0 ? '' : `; ${formatCount(missed)} more came too fast to be shown`
  return shown === 0 ? 'Waiting for entries that match…' : `${formatCount(shown)} since the tail began${more}`
}

function nothing(app: AppContext, filtered: boolean): HTMLElement {
  if (filtered || (app.summary()?.logEntries ?? 0) > 0)
    return emptyState('No entry matches', el('p', {}, 'Widen the time range or change the query.'))
  return emptyState(
    'No log entries yet',
    ...otherProjects(app, 'logs'),
    el('p', {}, 'Start the whole pipeline, whose services send their log lines:'),
    codeBlock('npm start'),
    el('p', {}, 'or send those of your own service:'),
    codeBlock(otlpExample(app.summary(), 'logs')),
  )
}
