import type { Widget } from '../../../../contract/dashboard.ts'
import { ApiError } from '../../client/api.ts'
import { el } from '../../element.ts'
import { logRow } from '../../logs/log-row.ts'
import type { WidgetEvents, WidgetView } from './widget-view.ts'

const MAX_ENTRIES = 100

/** The newest entries that match a logs panel's filter, and a link to all of them. */
export function createLogsPanel(logsPanel: NonNullable<Widget['logsPanel']>, events: WidgetEvents): WidgetView {
  const query = logsPanel.filter ?? ''
  const list = el('div', { class: 'log-list', tabindex: '0', role: 'group', 'aria-label': 'Log entries' })
  const body = el('div', { class: 'widget-logs' }, list)
  let drawn: string | undefined
  return {
    body,
    queries: [],
    update: () => {},
    async load({ startMs, endMs }, signal) {
      try {
        const parameters = { query, start: Math.round(startMs), end: Math.round(endMs), limit: MAX_ENTRIES }
        const { entries } = await events.logs(parameters, signal)
        const key = JSON.stringify(entries.map(({ insertId }) => insertId))
        if (key === drawn) return
        drawn = key
        list.replaceChildren(
          ...entries.map((entry) => logRow(entry, events.traceLink)),
          el(
            'p',
            { class: 'muted' },
            entries.length === 0 ? 'No entry matches in this time range. ' : '',
            el('a', { href: events.logsLink(query) }, 'Open in Logs'),
          ),
        )
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 400) throw error
        drawn = undefined
        list.replaceChildren(el('p', { class: 'widget-message' }, error.message))
      }
    },
    destroy: () => {},
  }
}
