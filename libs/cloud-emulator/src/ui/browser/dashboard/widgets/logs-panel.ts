import { html, nothing, render, repeat } from '@node-to-cloud/browser-kit/browser/view'
import type { Widget } from '../../../../contract/dashboard.ts'
import type { LogEntryJson } from '../../../../contract/logs.ts'
import { ApiError } from '../../client/api.ts'
import { el } from '../../element.ts'
import { logKey, logRow } from '../../logs/log-row.ts'
import type { WidgetEvents, WidgetView } from './widget-view.ts'

const MAX_ENTRIES = 100

/** The newest entries that match a logs panel's filter, and a link to all of them. */
export function createLogsPanel(logsPanel: NonNullable<Widget['logsPanel']>, events: WidgetEvents): WidgetView {
  const query = logsPanel.filter ?? ''
  const list = el('div', { class: 'log-list', tabindex: '0', role: 'group', 'aria-label': 'Log entries' })
  const show = (entries: readonly LogEntryJson[], problem: string): void => {
    const rows = repeat(entries, logKey, (entry) => logRow(entry, events))
    const empty = entries.length === 0 && problem === '' ? 'No entry matches in this time range. ' : ''
    const note = problem === '' ? nothing : html`<p class="widget-message widget-message-error">${problem}</p>`
    render(html`${note}${rows}<p class="muted">${empty}<a href=${events.logsLink(query)}>Open in Logs</a></p>`, list)
  }
  return {
    body: el('div', { class: 'widget-logs' }, list),
    queries: [],
    update: () => {},
    async load({ startMs, endMs }, signal) {
      try {
        const parameters = { query, start: Math.round(startMs), end: Math.round(endMs), limit: MAX_ENTRIES }
        const { entries } = await events.logs(parameters, signal)
        show(entries, '')
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 400) throw error
        show([], error.message)
      }
    },
    destroy: () => {},
  }
}
