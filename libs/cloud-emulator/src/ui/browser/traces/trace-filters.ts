import { choiceField, textField } from '@node-to-cloud/browser-kit/browser/fields'
import { html, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import type { TraceList, TraceListParameters } from '../../../contract/traces.ts'
import type { AppContext } from '../app-context.ts'
import { parseDurationText } from '../format/duration-text.ts'

/** The number of rows in the list, and of points in the plot. */
const LIMITS = { limit: 200, plot: 1000 }

/** The parameters of the trace list in the address, besides the time range. */
export function filterOf(parameters: Readonly<Record<string, string>>): TraceListParameters {
  const { service, name, status, attribute } = parameters
  const minDurationMs = parseDurationText(parameters.min ?? '')
  const maxDurationMs = parseDurationText(parameters.max ?? '')
  return {
    ...(service ? { service } : {}),
    ...(name ? { name } : {}),
    ...(status ? { status } : {}),
    ...(attribute ? { attribute } : {}),
    ...(minDurationMs === undefined ? {} : { minDurationMs }),
    ...(maxDurationMs === undefined ? {} : { maxDurationMs }),
  }
}

/** The parameters of the request for a list: only traces that have arrived completely, and a plot of them. */
export function listRequest(
  parameters: Readonly<Record<string, string>>,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): TraceListParameters {
  return {
    ...filterOf(parameters),
    start: Math.round(startMs),
    end: Math.round(endMs),
    ...LIMITS,
    settled: 'true',
    sort: parameters.sort || 'newest',
  }
}

function checkDuration(text: string): string | undefined {
  return parseDurationText(text) === undefined
    ? `"${text}" is not a valid duration. Examples: 250us, 100ms, 1.5s.`
    : undefined
}

/** Whether the service map is shown instead of the list. */
export function isServiceMap({ view }: Readonly<Record<string, string>>): boolean {
  return view === 'map'
}

/** The filter bar above the list. */
export function traceFiltersView(
  app: AppContext,
  { services, names }: Pick<TraceList, 'services' | 'names'>,
): TemplateResult {
  const { parameters } = app.route()
  const choice = (label: string, parameter: string, values: readonly string[]): TemplateResult =>
    choiceField({
      label,
      value: parameters[parameter] ?? '',
      values,
      all: 'all',
      onChange: (value) => app.setParameters({ [parameter]: value }),
    })
  const duration = (label: string, parameter: string): TemplateResult =>
    textField({
      label,
      value: parameters[parameter] ?? '',
      className: 'duration',
      placeholder: 'e.g. 100ms',
      check: checkDuration,
      onChange: (value) => app.setParameters({ [parameter]: value }),
    })
  return html`<div class="page-bar filter-bar">
    ${choice('Service', 'service', services)} ${choice('Root span', 'name', names)}
    ${choice('Status', 'status', ['ok', 'error'])} ${duration('At least', 'min')} ${duration('At most', 'max')}
    ${textField({
      label: 'Attribute',
      value: parameters.attribute ?? '',
      placeholder: 'http.route=/orders',
      title: 'KEY or KEY=VALUE, of a span or its resource',
      onChange: (value) => app.setParameters({ attribute: value }),
    })}
    <button
      type="button"
      class="button"
      aria-pressed=${String(isServiceMap(parameters))}
      @click=${() => app.setParameters({ view: isServiceMap(parameters) ? '' : 'map' })}
    >
      Service map
    </button>
  </div>`
}
