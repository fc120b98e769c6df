import { choiceField, textField } from '@node-to-cloud/browser-kit/browser/fields'
import { html, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import type { AppContext } from '../app-context.ts'
import { SEVERITIES } from './log-histogram.ts'

/** The filters of entries in the address. */
export function filtersIn(app: AppContext): { readonly query: string; readonly severity: string } {
  const { query = '', severity = '' } = app.route().parameters
  return { query, severity }
}

/** Whether new entries are followed as they are written. */
export function isLive(app: AppContext): boolean {
  return app.route().parameters.live === '1'
}

/** The bar with query, minimum severity, and live tail. */
export function logFiltersView(app: AppContext): TemplateResult {
  const { query, severity } = filtersIn(app)
  return html`<div class="page-bar filter-bar">
    ${textField({
      label: 'Query',
      value: query,
      className: 'log-query',
      placeholder: 'jsonPayload.message:"timeout" OR httpRequest.status>=500',
      onChange: (value) => app.setParameters({ query: value }),
    })}
    ${choiceField({
      label: 'Minimum severity',
      value: severity,
      values: SEVERITIES.filter((name) => name !== 'DEFAULT'),
      all: 'all',
      onChange: (value) => app.setParameters({ severity: value }),
    })}
    <button
      type="button"
      class="button"
      aria-pressed=${String(isLive(app))}
      @click=${() => app.setParameters({ live: isLive(app) ? '' : '1' })}
    >
      Live tail
    </button>
  </div>`
}
