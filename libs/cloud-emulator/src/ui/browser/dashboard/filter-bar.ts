import { choiceField } from '@node-to-cloud/browser-kit/browser/fields'
import { html, type TemplateResult } from '@node-to-cloud/browser-kit/browser/view'
import type { Dashboard, DashboardFilter } from '../../../contract/dashboard.ts'
import type { LabelValues } from '../../../contract/metrics.ts'
import type { AppContext } from '../app-context.ts'
import { type FilterChoices, filterKey, filterSelector, isValueOnly } from './filters.ts'

/** The prefix of the address parameters that hold filter values. */
const FILTER_PREFIX = 'f.'
const MATCH_ALL = '*'

/** The filter values in the address. */
export function choicesOf(parameters: Readonly<Record<string, string>>): FilterChoices {
  return Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => name.startsWith(FILTER_PREFIX))
      .map(([name, value]) => [name.slice(FILTER_PREFIX.length), value]),
  )
}

/** The filters of a dashboard, with notes about filters without data here and other parts that are not supported. */
export function filterBarView(
  app: AppContext,
  { dashboardFilters: filters = [], annotations = {} }: Pick<Dashboard, 'dashboardFilters' | 'annotations'>,
  labels: LabelValues,
): readonly TemplateResult[] {
  const choices = choicesOf(app.route().parameters)
  const usable = filters.filter((filter) => filterSelector(filter) !== undefined)
  const unusable = filters.filter((filter) => filterSelector(filter) === undefined && !isValueOnly(filter))
  return [
    ...usable.map((filter) => {
      const name = filterKey(filter)
      return choiceField({
        label: name,
        value: choices[name] ?? (filter.stringValue || MATCH_ALL),
        values: [...valuesOf(labels, filter)].sort(),
        all: 'all',
        emptyValue: MATCH_ALL,
        onChange: (value) => {
          const isDefault = value === MATCH_ALL && !filter.stringValue
          app.setParameters({ [FILTER_PREFIX + name]: isDefault ? '' : value })
        },
      })
    }),
    ...filters.filter(isValueOnly).map((filter) => {
      const name = filterKey(filter)
      return html`<label class="filter"
        >${name}
        <input
          .value=${choices[name] ?? filter.stringValue ?? ''}
          @change=${({ currentTarget }: Event) => {
            if (currentTarget instanceof HTMLInputElement)
              app.setParameters({ [FILTER_PREFIX + name]: currentTarget.value })
          }}
      /></label>`
    }),
    ...unusable.map((filter) =>
      undrawnView(
        `${filterKey(filter)}: filters by ${filter.filterType ?? 'FILTER_TYPE_UNSPECIFIED'} have no effect here`,
      ),
    ),
    ...filters
      .filter(({ stringArray, stringArrayValue }) => stringArray ?? stringArrayValue)
      .map((filter) => undrawnView(`${filterKey(filter)}: its list of values (stringArray) has no effect here`)),
    ...(Object.keys(annotations).length > 0 ? [undrawnView('Not supported here: annotations')] : []),
  ]
}

function undrawnView(sentence: string): TemplateResult {
  return html`<span class="filter muted" data-undrawn>${sentence}</span>`
}

function valuesOf(labels: LabelValues, { filterType, labelKey = '' }: DashboardFilter): readonly string[] {
  const all = filterType === 'METRIC_LABEL' ? labels.metricLabels : labels.resourceLabels
  return all[labelKey] ?? []
}
