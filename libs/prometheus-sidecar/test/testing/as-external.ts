import type { StoredPoint } from './stored-points.ts'

const GMP = /^prometheus\.googleapis\.com\/(?<name>.+)\/(?<kind>[^/]+)$/
const EXTERNAL = 'external.googleapis.com/prometheus/'

/** Points of both formats, as if they had been written in format `external`, so that one comparison works for both. */
export function asExternal(points: readonly StoredPoint[]): StoredPoint[] {
  return points.flatMap((point) => {
    const { name = '', kind = '' } = GMP.exec(point.type)?.groups ?? {}
    if (name === '') return [point]
    // Exists only in this format: the same samples once more, and gauges that are NaN.
    if (kind === 'unknown:counter' || Number.isNaN(point.value)) return []
    const { job = '', instance = '', location = '', namespace = '' } = point.resource.labels
    return [
      {
        ...point,
        type: `${EXTERNAL}${kind === 'counter' ? name.replace(/_total$/, '') : name}`,
        resource: { type: 'generic_task', labels: { job, task_id: instance, location, namespace } },
      },
    ]
  })
}
