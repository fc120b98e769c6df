import { containersOf, isWorkload, type Manifest, type Problem, podSpecOf } from '../manifest.ts'
import { problem } from './rule.ts'

/** No container has a variable twice: the later one would win, and `kubectl apply` could not change them any more. */
export function checkEnvironment(manifests: readonly Manifest[]): Problem[] {
  return manifests.filter(isWorkload).flatMap((workload) =>
    containersOf(podSpecOf(workload)).flatMap((container) => {
      const names = (container.env ?? []).map(({ name }) => name)
      const twice = names.filter((name, index) => names.indexOf(name) !== index)
      return twice.map((name) => problem(workload, `${container.name}: the variable ${name} is there twice`))
    }),
  )
}
