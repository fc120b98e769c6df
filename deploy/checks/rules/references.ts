import { containersOf, isWorkload, type Manifest, type Problem, podSpecOf } from '../manifest.ts'
import { problem } from './rule.ts'

/** Objects that pods refer to and these manifests do not create, and what creates each. */
const CREATED_ELSEWHERE: Readonly<Record<string, string>> = {
  'ConfigMap/kube-root-ca.crt': 'by Kubernetes in each namespace',
  'Secret/loadtester-token': "by an init container of the load tester's pods",
  'Secret/datadog-agent': 'by hand, see the README of the component datadog',
}

/** Every ConfigMap, Secret, claim and volume that a pod refers to exists. */
export function checkReferences(manifests: readonly Manifest[]): Problem[] {
  const there = new Set([
    ...manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
    ...Object.keys(CREATED_ELSEWHERE),
  ])
  return manifests.filter(isWorkload).flatMap((workload) => {
    const pod = podSpecOf(workload)
    const wanted: string[] = []
    const add = (kind: string, name: string | undefined) => name !== undefined && wanted.push(`${kind}/${name}`)
    for (const container of containersOf(pod)) {
      for (const { configMapRef, secretRef } of container.envFrom ?? []) {
        add('ConfigMap', configMapRef?.name)
        add('Secret', secretRef?.name)
      }
      for (const { valueFrom } of container.env ?? []) {
        add('ConfigMap', valueFrom?.configMapKeyRef?.name)
        add('Secret', valueFrom?.secretKeyRef?.name)
      }
    }
    for (const { configMap, secret, persistentVolumeClaim, projected } of pod.volumes ?? []) {
      add('ConfigMap', configMap?.name)
      add('Secret', secret?.secretName)
      add('PersistentVolumeClaim', persistentVolumeClaim?.claimName)
      for (const source of projected?.sources ?? []) {
        add('ConfigMap', source.configMap?.name)
        add('Secret', source.secret?.name)
      }
    }
    const volumes = new Set((pod.volumes ?? []).map(({ name }) => name))
    const unmounted = containersOf(pod)
      .flatMap(({ volumeMounts = [] }) => volumeMounts)
      .filter(({ name }) => !volumes.has(name))
    return [
      ...wanted
        .filter((name) => !there.has(name))
        .map((name) => problem(workload, `refers to ${name}, which does not exist`)),
      ...unmounted.map(({ name }) => problem(workload, `mounts the volume ${name}, which the pod does not have`)),
    ]
  })
}
