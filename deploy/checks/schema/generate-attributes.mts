/**
 * Writes `attributes.json` beside it, in a folder where npm has installed Kubernetes' client, whose 67 MB no checkout needs:
 * `npm install --prefix FOLDER @kubernetes/client-node@2`, then `node deploy/checks/schema/generate-attributes.mts FOLDER`.
 */
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What manifests may contain. */
const KINDS = [
  'V1ClusterRole',
  'V1ClusterRoleBinding',
  'V1ConfigMap',
  'V1CronJob',
  'V1DaemonSet',
  'V1Deployment',
  'V1Ingress',
  'V1Job',
  'V1Namespace',
  'V1NetworkPolicy',
  'V1PersistentVolume',
  'V1PersistentVolumeClaim',
  'V1Pod',
  'V1PodDisruptionBudget',
  'V1PriorityClass',
  'V1Role',
  'V1RoleBinding',
  'V1Secret',
  'V1Service',
  'V1ServiceAccount',
  'V1StatefulSet',
  'V1StorageClass',
  'V2HorizontalPodAutoscaler',
]

const folder = resolve(process.argv[2] ?? '.')
const main = createRequire(join(folder, 'package.json')).resolve('@kubernetes/client-node')
const client: Readonly<Record<string, unknown>> = await import(pathToFileURL(main).href)
const models = new Map<string, Readonly<Record<string, string>>>()

function add(name: string): void {
  const model = client[name]
  if (models.has(name) || typeof model !== 'function' || !('getAttributeTypeMap' in model)) return
  const { getAttributeTypeMap } = model
  if (typeof getAttributeTypeMap !== 'function') return
  const attributes: readonly { readonly baseName: string; readonly type: string }[] = getAttributeTypeMap.call(model)
  models.set(name, Object.fromEntries(attributes.map(({ baseName, type }) => [baseName, type])))
  for (const { type } of attributes) for (const [word] of type.matchAll(/\w+/g)) add(word)
}

for (const kind of KINDS) add(kind)
const sorted = Object.fromEntries([...models].sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(new URL('attributes.json', import.meta.url), `${JSON.stringify(sorted, undefined, 2)}\n`)
