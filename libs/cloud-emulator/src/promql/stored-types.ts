import type { ProjectMetrics } from '../monitoring/store/metric-store.ts'
import { mappedName, metricNames, verbatimNames } from './metric-names.ts'
import type { MetricMetadata, NamedType } from './promql-source.ts'

/** The stored metric types that a PromQL name refers to. */
export function typesNamed(project: ProjectMetrics | undefined, wanted: string): NamedType[] {
  const found: NamedType[] = []
  for (const [metricType, { series }] of project?.types ?? []) {
    const [first] = series.values()
    if (first === undefined) continue
    const { valueType, metricKind } = first
    const names = [...metricNames(metricType, valueType), ...verbatimNames(metricType, valueType)]
    if (!names.some(({ name }) => name === wanted)) continue
    const resources = new Set<string>()
    for (const { resourceType } of series.values()) resources.add(resourceType)
    found.push({ metricType, kind: metricKind, valueType, resources: [...resources] })
  }
  return found
}

/** The types, help texts and units of a project's metrics by PromQL name. */
export function metadataOf(project: ProjectMetrics | undefined): Map<string, MetricMetadata[]> {
  const found = new Map<string, MetricMetadata[]>()
  for (const [metricType, descriptor] of project?.descriptors ?? []) {
    const name = mappedName(metricType)
    const isCounter = descriptor.metricKind !== 'GAUGE'
    const type = descriptor.valueType === 'DISTRIBUTION' ? 'histogram' : isCounter ? 'counter' : 'gauge'
    const metadata = { type, help: descriptor.description, unit: descriptor.unit }
    const known = found.get(name)
    if (known) known.push(metadata)
    else found.set(name, [metadata])
  }
  return found
}
