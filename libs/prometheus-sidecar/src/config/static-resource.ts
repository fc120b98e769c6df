import { ValueError } from '@node-to-cloud/command-line'
import type { StaticResource } from '../convert/conversion-rules.ts'
import { resourceValueProblem } from './resource-values.ts'

const RESOURCE = /^([a-z0-9_./A-Z-]+)(?:\{(.*)\})?$/

/**
 * Parses a monitored resource such as `k8s_cluster{project_id=p,location=l,cluster_name=c}`; returns undefined for
 * anything else. Throws a {@link ValueError} if Cloud Monitoring would refuse the value of a label.
 */
export function parseStaticResource(text: string): StaticResource | undefined {
  const [, type, pairs = ''] = RESOURCE.exec(text) ?? []
  if (type === undefined) return undefined
  const labels = new Map<string, string>()
  for (const pair of pairs.split(',').filter((pair) => pair !== '')) {
    const equals = pair.indexOf('=')
    if (equals <= 0) return undefined
    const name = pair.slice(0, equals).trim()
    if (labels.has(name)) return undefined
    const value = pair.slice(equals + 1).trim()
    const problem = resourceValueProblem(type, name, value)
    if (problem !== undefined) throw new ValueError(problem)
    labels.set(name, value)
  }
  return { type, labels }
}
