import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseManifests } from '../manifest.ts'
import { checkRules } from './check.ts'
import { quantity } from './resources.ts'

const app = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: flask-app-tutorial }
automountServiceAccountToken: false
---
apiVersion: v1
kind: Service
metadata: { name: flask-app-tutorial }
spec:
  type: LoadBalancer
  selector: { app: flask }
  ports: [{ name: http, port: 80, targetPort: http }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: flask-app-tutorial }
spec:
  replicas: 1
  selector: { matchLabels: { app: flask } }
  strategy: { type: Recreate }
  template:
    metadata: { labels: { app: flask, name: flask-app-tutorial } }
    spec:
      serviceAccountName: flask-app-tutorial
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 30
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: app
          image: flask-app
          imagePullPolicy: IfNotPresent
          ports: [{ name: http, containerPort: 8080 }, { name: flask-metrics, containerPort: 9090 }]
          startupProbe: { httpGet: { path: /readyz, port: flask-metrics } }
          readinessProbe: { httpGet: { path: /readyz, port: flask-metrics } }
          livenessProbe: { httpGet: { path: /healthz, port: flask-metrics } }
          lifecycle: { preStop: { sleep: { seconds: 5 } } }
          env: []
          resources: { requests: { cpu: 50m, memory: 64Mi }, limits: { cpu: "1", memory: 128Mi } }
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
      volumes: []
`
const role = `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: loadtester-master }
rules: [{ apiGroups: [""], resources: [secrets], verbs: [create] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: loadtester-master }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: loadtester-master }
subjects: [{ kind: ServiceAccount, name: flask-app-tutorial }]
`
const autoscaler = `
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: flask-app-tutorial }
spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: flask-app-tutorial } }
`
const podMonitoring = `
---
apiVersion: monitoring.googleapis.com/v1
kind: PodMonitoring
metadata: { name: flask-app-tutorial }
spec: { selector: { matchLabels: { app: flask } }, endpoints: [{ port: flask-metrics, interval: 30s }] }
`

test('right manifests have no problem', () => {
  assert.deepEqual(checkRules(parseManifests(app)), [])
  assert.deepEqual(checkRules(parseManifests(app + podMonitoring)), [])
  assert.deepEqual(checkRules(parseManifests(app + autoscaler).map(withoutReplicas)), [])
  assert.deepEqual(
    checkRules(parseManifests(app.replaceAll('automountServiceAccountToken: false\n      term', 'term') + role)),
    [],
  )
})

for (const [name, from, to, expected, more = ''] of [
  [
    'a Service that picks no pod',
    'selector: { app: flask }',
    'selector: { app: flasc }',
    /selector .*flasc.* picks no pod/,
  ],
  ['a Service without a selector', 'selector: { app: flask }', 'selector: {}', /picks no pod/],
  [
    'a Deployment that does not pick its pods',
    'matchLabels: { app: flask }',
    'matchLabels: { app: other }',
    /does not pick its own pods/,
  ],
  ['many pods on one node', 'replicas: 1', 'replicas: 3', /no topology spread constraint/],
  ['an autoscaler beside a number of pods', 'replicas: 1', 'replicas: 1', /replicas: 1, and an autoscaler/, autoscaler],
  [
    'an autoscaler of nothing',
    'replicas: 1',
    '',
    /scales Deployment\/gone/,
    autoscaler.replace(/name: flask-app-tutorial \} \}/, 'name: gone } }'),
  ],
  ['a PodMonitoring of no pod', '', '', /picks no pod/, podMonitoring.replace('app: flask', 'app: none')],
  [
    'a PodMonitoring of no port',
    '',
    '',
    /no container has a port named metrics/,
    podMonitoring.replace('port: flask-metrics', 'port: metrics'),
  ],
  [
    'a port without a name',
    '{ name: http, containerPort: 8080 }',
    '{ containerPort: 8080 }',
    /port 8080 of app has no name/,
  ],
  ['a long port name', 'name: http, containerPort', 'name: http-of-flask-app, containerPort', /at most 15/],
  [
    'a port name twice',
    'name: http, containerPort',
    'name: flask-metrics, containerPort',
    /flask-metrics stands twice/,
  ],
  ['a Service to a port number', 'targetPort: http', 'targetPort: 8080', /has to be a port's name/],
  ['a Service to a port that is not there', 'targetPort: http', 'targetPort: web', /no container has a port named web/],
  ['a Service port without a name', '{ name: http, port: 80', '{ port: 80', /port 80 has no name/],
  ['metrics on a Service', 'targetPort: http', 'targetPort: flask-metrics', /a metrics port is on no Service/],
  ['the tag latest', 'image: flask-app', 'image: flask-app:latest', /neither built here/],
  [
    'a foreign image without a version',
    'image: flask-app',
    'image: quay.io/prometheus/prometheus',
    /neither built here .* nor exact/,
  ],
  ['a foreign image with half a version', 'image: flask-app', 'image: quay.io/prometheus/prometheus:v3', /nor exact/],
  ['an image that is always pulled', 'IfNotPresent', 'Always', /imagePullPolicy/],
  ['no liveness probe', 'livenessProbe: { httpGet: { path: /healthz, port: flask-metrics } }', '', /no livenessProbe/],
  [
    'a probe of a port that is not there',
    'readinessProbe: { httpGet: { path: /readyz, port: flask-metrics } }',
    'readinessProbe: { httpGet: { path: /readyz, port: metrics } }',
    /asks the port metrics/,
  ],
  [
    'a probe by a command',
    'livenessProbe: { httpGet: { path: /healthz, port: flask-metrics } }',
    'livenessProbe: { exec: { command: [sh] } }',
    /is no httpGet/,
  ],
  ['a preStop that takes all the time', 'seconds: 5', 'seconds: 30', /whole grace period of 30 s/],
  ['a preStop by a command', 'sleep: { seconds: 5 }', 'exec: { command: [sleep, "5"] }', /needs a program/],
  ['no grace period', 'terminationGracePeriodSeconds: 30', '', /terminationGracePeriodSeconds is not set/],
  ['no memory limit', ', memory: 128Mi', '', /no limit of memory/],
  ['no CPU request', 'cpu: 50m, ', '', /no request of cpu/],
  ['a limit below the request', 'memory: 128Mi', 'memory: 32Mi', /asks for 64Mi of memory, over its limit of 32Mi/],
  ['root', 'runAsNonRoot: true, ', '', /needs runAsNonRoot: true/],
  ['a writable root', 'readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false', /needs readOnlyRootFilesystem/],
  ['capabilities', 'drop: [ALL]', 'drop: [NET_RAW]', /capabilities.drop/],
  ['an added capability', 'drop: [ALL]', 'drop: [ALL], add: [NET_ADMIN]', /no added capability/],
  ['privilege escalation', 'allowPrivilegeEscalation: false, ', '', /allowPrivilegeEscalation: false/],
  ['no seccomp profile', ', seccompProfile: { type: RuntimeDefault }', '', /seccompProfile.type/],
  [
    'a path of the node',
    'volumes: []',
    'volumes: [{ name: v, hostPath: { path: / } }]',
    /volume v is a path of the node/,
  ],
  ['the network of the node', 'terminationGrace', 'hostNetwork: true\n      terminationGrace', /shares a namespace/],
  [
    'a ServiceAccount that is not there',
    'serviceAccountName: flask-app-tutorial',
    'serviceAccountName: other',
    /ServiceAccount other is not among/,
  ],
  ['no ServiceAccount', 'serviceAccountName: flask-app-tutorial', '', /ServiceAccount default is not among/],
  ['a token for nothing', 'automountServiceAccountToken: false\n      term', 'term', /which may do nothing/],
  [
    'an account that mounts by itself',
    'name: flask-app-tutorial }\nautomountServiceAccountToken: false',
    'name: flask-app-tutorial }',
    /a pod that needs a token says so/,
  ],
  [
    'a role that grants too much',
    '',
    '',
    /grants "secrets get", which nothing uses/,
    role.replace('[create]', '[create, get]'),
  ],
  [
    'a role that grants everything',
    '',
    '',
    /grants "\* \*"|grants "\*\/\* \*"/,
    role.replace('[""]', '["*"]').replace('[secrets]', '["*"]').replace('[create]', '["*"]'),
  ],
  [
    'a binding of nobody',
    '',
    '',
    /binds ServiceAccount\/other/,
    role.replace('kind: ServiceAccount, name: flask-app-tutorial', 'kind: ServiceAccount, name: other'),
  ],
  [
    'a binding to no role',
    '',
    '',
    /binds Role\/gone/,
    role.replace('kind: Role, name: loadtester-master', 'kind: Role, name: gone'),
  ],
  [
    'a Secret that is not there',
    'env: []',
    'env: [{ name: A, valueFrom: { secretKeyRef: { name: none, key: a } } }]',
    /refers to Secret\/none/,
  ],
  [
    'a ConfigMap that is not there',
    'volumes: []',
    'volumes: [{ name: v, configMap: { name: none } }]',
    /refers to ConfigMap\/none/,
  ],
  [
    'a claim that is not there',
    'volumes: []',
    'volumes: [{ name: v, persistentVolumeClaim: { claimName: none } }]',
    /refers to PersistentVolumeClaim\/none/,
  ],
  ['a volume that is not there', 'env: []', 'volumeMounts: [{ name: v, mountPath: /v }]', /mounts the volume v/],
  ['a writer in two pods', 'replicas: 1', 'replicas: 2', /it needs one replica/],
  ['a writer in a rolling update', 'type: Recreate', 'type: RollingUpdate', /strategy Recreate/],
] as [name: string, from: string, to: string, expected: RegExp, more?: string][]) {
  test(`${name} is a problem`, () => {
    assert.ok(app.includes(from), `the case changes nothing: ${from}`)
    const changed = app.replace(from, () => to)
    const manifests = parseManifests(
      (/writer/.test(name) ? changed.replace('image: flask-app', 'image: prometheus-sidecar') : changed) + more,
    )
    const messages = checkRules(manifests).map(({ object, message }) => `${object}: ${message}`)
    assert.ok(
      messages.some((message) => expected.test(message)),
      `${expected} in ${JSON.stringify(messages, null, 1)}`,
    )
  })
}

test('two sidecars write the same series', () => {
  const two =
    app.replace('image: flask-app', 'image: prometheus-sidecar') +
    app
      .replaceAll('flask-app-tutorial', 'second')
      .replaceAll('app: flask', 'app: second')
      .replace('image: flask-app', 'image: prometheus-sidecar')
      .replace(/^/, '---')
  assert.match(JSON.stringify(checkRules(parseManifests(two))), /2 sidecars write the same series/)
})

test('quantities of Kubernetes', () => {
  for (const [text, expected] of [
    ['1', 1],
    ['50m', 0.05],
    ['64Mi', 67108864],
    ['1.5Gi', 1610612736],
    ['2k', 2000],
  ] as const) {
    assert.equal(quantity(text), expected, text)
  }
  for (const text of ['', 'much', '10MiB', '-1']) assert.throws(() => quantity(text), /is no quantity/, text)
})

function withoutReplicas<T extends { kind: string }>(manifest: T): T {
  if (manifest.kind !== 'Deployment' || !('spec' in manifest)) return manifest
  const { replicas: _, ...spec } = manifest.spec as { replicas?: number }
  return { ...manifest, spec }
}
