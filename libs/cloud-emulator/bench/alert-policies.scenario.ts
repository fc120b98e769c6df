import type { Scenario } from '@node-to-cloud/bench'
import { Alerting } from '../src/alerting/alerting.ts'
import { policyFromJson } from '../src/alerting/policies/load-policies.ts'
import { autoCreatedDescriptor } from '../src/monitoring/model/metric-descriptor.ts'
import { MetricStore } from '../src/monitoring/store/metric-store.ts'
import { Series, seriesKey } from '../src/monitoring/store/series.ts'

const POLICIES = 2000
const TYPES = 1000
const SERIES_OF_TYPE = 50
const INTERVAL_SECONDS = 30
const EVALUATIONS = 10
const START_MICROS = Date.parse('2026-01-02T03:00:00Z') * 1000
const PROJECT = 'demo-project'
/** The target: a tenth of a CPU must evaluate all policies every 30 s. */
const PER_CPU_SECOND = POLICIES / (INTERVAL_SECONDS / 10)

const typeOf = (index: number): string => `custom.googleapis.com/level_${index % TYPES}`

function addSeries(store: MetricStore): Series[] {
  const project = store.project(PROJECT)
  const kind = { metricKind: 'GAUGE', valueType: 'DOUBLE' } as const
  return Array.from({ length: TYPES * SERIES_OF_TYPE }, (_, index) => {
    const metricType = typeOf(index)
    const metricLabels = { host: String(Math.floor(index / TYPES)) }
    if (!project.descriptors.has(metricType))
      project.descriptors.set(
        metricType,
        autoCreatedDescriptor({ type: metricType, labels: metricLabels, ...kind, unit: '1' }),
      )
    const identity = { metricType, metricLabels, resourceType: 'global', resourceLabels: { project_id: PROJECT } }
    const series = new Series(identity, { key: seriesKey(identity), ...kind, pages: store.pages })
    store.addSeries(project, series)
    return series
  })
}

function policyJson(index: number): object {
  const reducer = index % 2 === 0 ? { crossSeriesReducer: 'REDUCE_SUM' } : {}
  const conditionThreshold = {
    filter: `metric.type = "${typeOf(index)}" resource.type = "global"`,
    aggregations: [{ alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_MEAN', ...reducer }],
    comparison: 'COMPARISON_GT',
    thresholdValue: 1e9,
    duration: '60s',
  }
  return { displayName: `policy ${index}`, combiner: 'OR', conditions: [{ displayName: 'high', conditionThreshold }] }
}

/** Policies evaluated per CPU-second, each over the 50 series of its metric. */
async function evaluate(): Promise<number> {
  let nowMicros = START_MICROS
  const store = new MetricStore({
    maxSeries: TYPES * SERIES_OF_TYPE,
    maxPointBytes: 1e9,
    maxQuerySamples: 4e6,
    retentionMicros: 3600e6,
  })
  const alerting = new Alerting({
    metrics: store,
    nowMicros: () => nowMicros,
    changed: () => {},
    notifyAllow: [],
    uptimeAllow: [],
    write: () => {},
    instantVector: () => async () => [],
    pageUrl: () => '',
  })
  for (let index = 0; index < POLICIES; index++) alerting.policies.create(PROJECT, policyFromJson(policyJson(index)))
  const series = addSeries(store)
  let cpuMicros = 0
  for (let evaluation = 0; evaluation < EVALUATIONS; evaluation++) {
    nowMicros += INTERVAL_SECONDS * 1e6
    for (const one of series) {
      const point = { startMicros: nowMicros, endMicros: nowMicros, value: 1, exemplars: [] }
      store.append(store.project(PROJECT), one, point, nowMicros)
    }
    const before = process.cpuUsage()
    await alerting.catchUp()
    const { user, system } = process.cpuUsage(before)
    if (evaluation > 0) cpuMicros += user + system
  }
  alerting.close()
  return ((EVALUATIONS - 1) * POLICIES) / (cpuMicros / 1e6)
}

export const scenario: Scenario = {
  name: 'cloud-emulator-alert-policies',
  description: `Alert policies evaluated per CPU-second: ${POLICIES} of them over ${TYPES * SERIES_OF_TYPE} series, each over the ${SERIES_OF_TYPE} of its metric. The target is that a tenth of a CPU evaluates all of them every ${INTERVAL_SECONDS} s.`,
  unit: 'policies/s',
  baseline: 'a tenth of a CPU',
  variants: [
    { name: 'a tenth of a CPU', measure: async () => PER_CPU_SECOND },
    { name: 'emulator', measure: evaluate },
  ],
  bounds: [{ variant: 'emulator', atLeast: 1 }],
}
