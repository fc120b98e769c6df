import { containersOf, isWorkload, type Manifest, type Problem, podSpecOf } from '../manifest.ts'
import { problem } from './rule.ts'

/** Every container requests CPU and memory and limits both, each limit no lower than its request. */
export function checkResources(manifests: readonly Manifest[]): Problem[] {
  return manifests.filter(isWorkload).flatMap((workload) =>
    containersOf(podSpecOf(workload)).flatMap(({ name, resources }) =>
      (['cpu', 'memory'] as const).flatMap((resource) => {
        const request = resources?.requests?.[resource]
        const limit = resources?.limits?.[resource]
        if (request === undefined || limit === undefined) {
          return [problem(workload, `${name}: ${request === undefined ? 'no request' : 'no limit'} of ${resource}`)]
        }
        if (quantity(request) > quantity(limit)) {
          return [problem(workload, `${name}: requests ${request} of ${resource}, more than its limit of ${limit}`)]
        }
        return []
      }),
    ),
  )
}

const SUFFIXES: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
}

/**
 * Parses a Kubernetes quantity: `50m` → 0.05, `64Mi` → 67108864.
 *
 * @throws Error when the text is not a quantity
 */
export function quantity(value: string | number): number {
  const text = String(value)
  const [, digits, suffix] = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(text) ?? []
  const factor = SUFFIXES[suffix ?? '?']
  if (digits === undefined || factor === undefined) throw new Error(`"${text}" is not a quantity such as 50m or 64Mi`)
  return Number(digits) * factor
}
