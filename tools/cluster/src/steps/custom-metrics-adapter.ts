import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { Installation } from '../installation.ts'
import { recorderCommand } from '../recorders/recorder.ts'
import { DEPLOY_DIR } from '../repository.ts'
import { READY_MS } from '../wait.ts'

interface AdapterValues {
  readonly rules: {
    readonly custom: readonly {
      readonly seriesQuery: string
      readonly resources: { readonly overrides: Readonly<Record<string, { readonly resource: string }>> }
      readonly name: { readonly as: string }
      readonly metricsQuery: string
    }[]
  }
}

const ADAPTER = 'custom-metrics'
export const API_SERVICE = 'v1beta2.custom.metrics.k8s.io'

/** The rule that users of prometheus-adapter install, as a query for the pods of one namespace. */
export function adapterRule(namespace: string) {
  const path = join(DEPLOY_DIR, 'components/autoscaling/requests-in-flight/prometheus-adapter.values.yaml')
  const values: AdapterValues = parse(readFileSync(path, 'utf8'))
  const [rule] = values.rules.custom
  if (rule === undefined) throw new Error(`${path}: no rule`)
  const labelOf = (wanted: string): string =>
    Object.entries(rule.resources.overrides).find(([, { resource }]) => resource === wanted)?.[0] ?? ''
  const query = rule.metricsQuery
    .replace('<<.Series>>', rule.seriesQuery.replace(/\{.*/, ''))
    .replace('<<.LabelMatchers>>', `${labelOf('namespace')}="${namespace}",${labelOf('pod')}!=""`)
    .replace('<<.GroupBy>>', labelOf('pod'))
  return { metric: rule.name.as, namespace, query, podLabel: labelOf('pod') }
}

function certificate(host: string): { key: string; crt: string } {
  const folder = mkdtempSync(join(tmpdir(), 'adapter-'))
  try {
    const [key, crt] = [join(folder, 'tls.key'), join(folder, 'tls.crt')]
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', `/CN=${host}`]
    execFileSync('openssl', [...request, '-keyout', key, '-out', crt], { stdio: 'ignore' })
    return { key: readFileSync(key, 'base64'), crt: readFileSync(crt, 'base64') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Installs an adapter that serves the custom metrics API by the rule for prometheus-adapter. */
export async function installAdapter(installation: Installation): Promise<void> {
  const { kubectl } = installation
  const input = adapterObjects(installation)
    .map((object) => stringify(object))
    .join('---\n')
  await kubectl.run(['apply', '--filename', '-'], { input })
  await kubectl.run(['rollout', 'status', `deployment/${ADAPTER}`, '--timeout=120s'], { timeoutMs: READY_MS })
  await kubectl.run(['wait', '--for=condition=Available', `apiservice/${API_SERVICE}`, '--timeout=60s'])
}

function adapterObjects({ images, namespace }: Installation): readonly object[] {
  const image = images.find(({ name }) => name === 'cloud-emulator')
  const labels = { 'app.kubernetes.io/name': ADAPTER }
  const { key, crt } = certificate(`${ADAPTER}.${namespace}.svc`)
  const container = {
    name: ADAPTER,
    image: image === undefined ? 'cloud-emulator' : `${image.newName}:${image.newTag}`,
    imagePullPolicy: 'IfNotPresent',
    command: [...recorderCommand('custom-metrics.mts'), '--', JSON.stringify(adapterRule(namespace))],
    ports: [{ containerPort: 8443 }],
    volumeMounts: [{ name: 'tls', mountPath: '/tls', readOnly: true }],
    readinessProbe: { tcpSocket: { port: 8443 } },
    securityContext: {
      allowPrivilegeEscalation: false,
      runAsNonRoot: true,
      runAsUser: 65532,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  }
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: ADAPTER },
      type: 'kubernetes.io/tls',
      data: { 'tls.key': key, 'tls.crt': crt },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: ADAPTER },
      spec: { selector: labels, ports: [{ port: 443, targetPort: 8443 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: ADAPTER },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [container], volumes: [{ name: 'tls', secret: { secretName: ADAPTER } }] },
        },
      },
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: API_SERVICE },
      spec: {
        group: 'custom.metrics.k8s.io',
        version: 'v1beta2',
        groupPriorityMinimum: 100,
        versionPriority: 200,
        insecureSkipTLSVerify: true,
        service: { name: ADAPTER, namespace },
      },
    },
  ]
}

/** Removes the adapter. */
export async function removeAdapter({ kubectl }: Installation): Promise<void> {
  await kubectl.run(['delete', 'apiservice', API_SERVICE, '--ignore-not-found'])
  await kubectl.run(['delete', 'deployment,service,secret', ADAPTER, '--ignore-not-found'])
}
