import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ALIGNERS, alignedType } from '../monitoring/aggregation/aligners.ts'
import { REDUCERS, reducedType } from '../monitoring/aggregation/reducers.ts'
import { compileFilter } from '../monitoring/filter/evaluate-filter.ts'
import { parseFilter } from '../monitoring/filter/parse-filter.ts'
import { applyFilters } from './browser/dashboard/filters.ts'
import { alignersFor, reducersFor } from './browser/metrics/aggregation-choices.ts'

// biome-ignore lint/suspicious/noTemplateCurlyInString: Cloud Monitoring's variables look like this
const WITH_VARIABLE = 'metric.type="m" AND ${pod}'

describe('the explorer offers exactly what the API accepts', () => {
  for (const [kind, type] of [
    ['GAUGE', 'DOUBLE'],
    ['GAUGE', 'INT64'],
    ['GAUGE', 'BOOL'],
    ['GAUGE', 'DISTRIBUTION'],
    ['CUMULATIVE', 'DOUBLE'],
    ['CUMULATIVE', 'INT64'],
    ['CUMULATIVE', 'DISTRIBUTION'],
  ] as const) {
    it(`for ${kind} ${type}`, () => {
      const metric = { metricKind: kind, valueType: type }
      const aligners = Object.values(ALIGNERS).filter((one) => one !== 'ALIGN_NONE' && alignedType(one, metric))
      assert.deepEqual([...alignersFor(kind, type)].sort(), aligners.sort())
      for (const aligner of aligners) {
        const aligned = alignedType(aligner, metric)
        const reducers = Object.values(REDUCERS).filter((one) => aligned && reducedType(one, aligned))
        assert.deepEqual([...reducersFor(type, aligner)].sort(), reducers.sort(), aligner)
      }
    })
  }
})

it('a filter whose variable has no value is valid and matches every series', () => {
  const pod = { labelKey: 'pod_name', filterType: 'RESOURCE_LABEL', templateVariable: 'pod' }
  const { timeSeriesFilter } = applyFilters({ timeSeriesFilter: { filter: WITH_VARIABLE } }, [pod], {})
  const matches = compileFilter(parseFilter(timeSeriesFilter?.filter ?? ''))
  const subject = { project: 'p', metricType: 'm', metricLabels: {}, resourceType: 'global', resourceLabels: {} }
  assert.ok(matches(subject))
  assert.ok(!matches({ ...subject, metricType: 'n' }))
})
