import { html, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import type { LabelValues } from '../../../contract/metrics.ts'
import type { AppContext } from '../app-context.ts'
import type { QueryChoices } from './aggregation-choices.ts'

/** The maximum number of label values in a hint. */
const HINT_VALUES = 20

/** The labels that series can be grouped by, each with the number of its values. */
export function groupByView(app: AppContext, labels: LabelValues, { reducer, groupBy }: QueryChoices): TemplateResult {
  const isDisabled = reducer === 'REDUCE_NONE'
  const fields = [
    ...Object.entries(labels.metricLabels).map(([key, values]) => ({ field: `metric.label.${key}`, key, values })),
    ...Object.entries(labels.resourceLabels).map(([key, values]) => ({ field: `resource.label.${key}`, key, values })),
  ]
  const toggle = (field: string): void => {
    const by = new Set(groupBy)
    if (!by.delete(field)) by.add(field)
    app.setParameters({ by: [...by].join(',') }, { replace: true })
  }
  return html`<fieldset class="group-by" ?disabled=${isDisabled}>
    <legend>${isDisabled ? 'Group by (choose a reducer first)' : 'Group by'}</legend>
    ${fields.map(
      ({ field, key, values }) =>
        html`<label class="check" title=${values.slice(0, HINT_VALUES).join('\n')}><input
            type="checkbox"
            value=${field}
            .checked=${groupBy.includes(field)}
            @change=${() => toggle(field)}
          />${key}<span class="muted"> ${values.length}</span></label>`,
    )}
  </fieldset>`
}
