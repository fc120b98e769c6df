import type { V1ClusterRole, V1ClusterRoleBinding, V1PolicyRule, V1ServiceAccount } from '../kubernetes-types.ts'
import { isKind, isWorkload, type Manifest, type Problem, podSpecOf } from '../manifest.ts'
import { problem } from './rule.ts'

/** The permissions that the program behind each role uses. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'prometheus-k8s': ['pods get', 'pods list', 'pods watch'],
  'prometheus-sidecar-lease': ['create', 'get', 'update'].map((verb) => `coordination.k8s.io/leases ${verb}`),
  'loadtester-token': ['secrets create'],
  'datadog-agent': ['nodes/metrics get', 'nodes/proxy get', 'nodes/spec get', 'nodes/stats get'],
}

/** Every workload has its own ServiceAccount, has a token only if that is bound to a role, and roles grant only what is used. */
export function checkServiceAccounts(manifests: readonly Manifest[]): Problem[] {
  const accounts = manifests.filter(isKind<V1ServiceAccount>('ServiceAccount'))
  const workloads = manifests.filter(isWorkload)
  const roles = manifests.filter(
    (manifest): manifest is Manifest & V1ClusterRole => manifest.kind === 'Role' || manifest.kind === 'ClusterRole',
  )
  const bindings = manifests.filter(
    (manifest): manifest is Manifest & V1ClusterRoleBinding =>
      manifest.kind === 'RoleBinding' || manifest.kind === 'ClusterRoleBinding',
  )
  const bound = new Set(bindings.flatMap(({ subjects = [] }) => subjects.map(({ name }) => name)))
  const problems: Problem[] = []

  const users = new Map<string, string>()
  for (const workload of workloads) {
    const pod = podSpecOf(workload)
    const name = pod.serviceAccountName
    if (name === undefined || !accounts.some(({ metadata }) => metadata?.name === name)) {
      problems.push(problem(workload, `its ServiceAccount ${name ?? 'default'} is not among the objects`))
      continue
    }
    const other = users.get(name)
    if (other !== undefined) problems.push(problem(workload, `shares the ServiceAccount ${name} with ${other}`))
    users.set(name, workload.metadata.name)
    const projected = (pod.volumes ?? []).some(({ projected }) =>
      projected?.sources?.some((s) => s.serviceAccountToken),
    )
    const mounted = pod.automountServiceAccountToken !== false || projected
    if (mounted && !bound.has(name))
      problems.push(problem(workload, `has a token of ${name}, which has no permissions`))
  }
  for (const account of accounts) {
    if (!users.has(account.metadata.name)) problems.push(problem(account, 'no workload uses it'))
    if (account.automountServiceAccountToken !== false) {
      problems.push(
        problem(account, 'needs automountServiceAccountToken: false; a pod that needs a token says so itself'),
      )
    }
  }
  for (const binding of bindings) {
    const role = roles.find(
      ({ kind, metadata }) => kind === binding.roleRef.kind && metadata.name === binding.roleRef.name,
    )
    if (role === undefined)
      problems.push(
        problem(binding, `binds ${binding.roleRef.kind}/${binding.roleRef.name}, which is not among the objects`),
      )
    for (const subject of binding.subjects ?? []) {
      const known = accounts.some(({ metadata }) => metadata.name === subject.name)
      if (subject.kind !== 'ServiceAccount' || !known)
        problems.push(problem(binding, `binds ${subject.kind}/${subject.name}, which is not among the objects`))
    }
  }
  for (const role of roles) {
    // What follows a colon is the namespace.
    const grants = ALLOWED[role.metadata.name.split(':')[0] ?? ''] ?? []
    for (const grant of (role.rules ?? []).flatMap(grantsOf)) {
      if (!grants.includes(grant)) problems.push(problem(role, `grants "${grant}", which nothing uses`))
    }
  }
  return problems
}

function grantsOf({ apiGroups = [], resources = [], verbs = [], nonResourceURLs = [] }: V1PolicyRule): string[] {
  const prefix = apiGroups.every((group) => group === '') ? '' : `${apiGroups.join(',')}/`
  return [...resources, ...nonResourceURLs].flatMap((resource) => verbs.map((verb) => `${prefix}${resource} ${verb}`))
}
