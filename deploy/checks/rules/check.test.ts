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
metadata: { name: loadtester-token }
rules: [{ apiGroups: [""], resources: [secrets], verbs: [create] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: loadtester-master }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: loadtester-token }
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

test('valid manifests have no problems', () => {
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
    'a Service that matches no pod',
    'selector: { app: flask }',
    'selector: { app: flasc }',
    /selector .*flasc.* matches no pod/,
  ],
  ['a Service without a selector', 'selector: { app: flask }', 'selector: {}', /matches no pod/],
  [
    'a Deployment that does not match its pods',
    'matchLabels: { app: flask }',
    'matchLabels: { app: other }',
    /does not match its own pods/,
  ],
  ['many pods on one node', 'replicas: 1', 'replicas: 3', /no topology spread constraint/],
  [
    'an autoscaler of a Deployment with replicas',
    'replicas: 1',
    'replicas: 1',
    /replicas: 1, and an autoscaler/,
    autoscaler,
  ],
  [
    'an autoscaler of a missing Deployment',
    'replicas: 1',
    '',
    /scales Deployment\/gone/,
    autoscaler.replace(/name: flask-app-tutorial \} \}/, 'name: gone } }'),
  ],
  ['a PodMonitoring that matches no pod', '', '', /matches no pod/, podMonitoring.replace('app: flask', 'app: none')],
  [
    'a PodMonitoring of a missing port',
    '',
    '',
    /no container has a port named metrics/,
    podMonitoring.replace('port: flask-metrics', 'port: metrics'),
  ],
  [
    'a variable twice',
    'env: []',
    'env: [{ name: A, value: "1" }, { name: B, value: "1" }, { name: A, value: "2" }]',
    /app: the variable A is there twice$/,
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
    /flask-metrics is used twice/,
  ],
  ['a Service of a port number', 'targetPort: http', 'targetPort: 8080', /must be the name of a port/],
  ['a Service of a missing port', 'targetPort: http', 'targetPort: web', /no container has a port named web/],
  ['a Service port without a name', '{ name: http, port: 80', '{ port: 80', /port 80 has no name/],
  [
    'a Service of a metrics port',
    'targetPort: http',
    'targetPort: flask-metrics',
    /a Service must not expose a metrics port/,
  ],
  ['the tag latest', 'image: flask-app', 'image: flask-app:latest', /neither built here/],
  [
    'a foreign image without a version',
    'image: flask-app',
    'image: quay.io/prometheus/prometheus',
    /neither built here .* nor an exact version/,
  ],
  [
    'a foreign image with half a version',
    'image: flask-app',
    'image: quay.io/prometheus/prometheus:v3',
    /nor an exact version/,
  ],
  ['an image that is always pulled', 'IfNotPresent', 'Always', /imagePullPolicy/],
  ['no liveness probe', 'livenessProbe: { httpGet: { path: /healthz, port: flask-metrics } }', '', /no livenessProbe/],
  [
    'a probe of a missing port',
    'readinessProbe: { httpGet: { path: /readyz, port: flask-metrics } }',
    'readinessProbe: { httpGet: { path: /readyz, port: metrics } }',
    /probes the port metrics/,
  ],
  [
    'a probe by a command',
    'livenessProbe: { httpGet: { path: /healthz, port: flask-metrics } }',
    'livenessProbe: { exec: { command: [sh] } }',
    /must be an httpGet/,
  ],
  ['a preStop that takes all the time', 'seconds: 5', 'seconds: 30', /whole grace period of 30 s/],
  ['a preStop by a command', 'sleep: { seconds: 5 }', 'exec: { command: [sleep, "5"] }', /needs a program/],
  ['no grace period', 'terminationGracePeriodSeconds: 30', '', /terminationGracePeriodSeconds is not set/],
  ['no memory limit', ', memory: 128Mi', '', /no limit of memory/],
  ['no CPU request', 'cpu: 50m, ', '', /no request of cpu/],
  [
    'a limit below the request',
    'memory: 128Mi',
    'memory: 32Mi',
    /requests 64Mi of memory, more than its limit of 32Mi/,
  ],
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
    'a missing ServiceAccount',
    'serviceAccountName: flask-app-tutorial',
    'serviceAccountName: other',
    /ServiceAccount other is not among/,
  ],
  ['no ServiceAccount', 'serviceAccountName: flask-app-tutorial', '', /ServiceAccount default is not among/],
  [
    'a token without permissions',
    'automountServiceAccountToken: false\n      term',
    'term',
    /which has no permissions/,
  ],
  [
    'an account that mounts its token into every pod',
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
    'a binding of a missing account',
    '',
    '',
    /binds ServiceAccount\/other/,
    role.replace('kind: ServiceAccount, name: flask-app-tutorial', 'kind: ServiceAccount, name: other'),
  ],
  [
    'a binding of a missing role',
    '',
    '',
    /binds Role\/gone/,
    role.replace('kind: Role, name: loadtester-token', 'kind: Role, name: gone'),
  ],
  [
    'a missing Secret',
    'env: []',
    'env: [{ name: A, valueFrom: { secretKeyRef: { name: none, key: a } } }]',
    /refers to Secret\/none/,
  ],
  [
    'a missing ConfigMap',
    'volumes: []',
    'volumes: [{ name: v, configMap: { name: none } }]',
    /refers to ConfigMap\/none/,
  ],
  [
    'a missing claim',
    'volumes: []',
    'volumes: [{ name: v, persistentVolumeClaim: { claimName: none } }]',
    /refers to PersistentVolumeClaim\/none/,
  ],
  ['a missing volume', 'env: []', 'volumeMounts: [{ name: v, mountPath: /v }]', /mounts the volume v/],
  ['a writer in two pods', 'replicas: 1', 'replicas: 2', /so it needs one replica/],
  ['a writer in a rolling update', 'type: Recreate', 'type: RollingUpdate', /the strategy Recreate/],
] as [name: string, from: string, to: string, expected: RegExp, more?: string][]) {
  test(`${name} is a problem`, () => {
    assert.ok(app.includes(from), `not in the manifest: ${from}`)
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

test('sidecars that elect a writer may be several, each with its own database', () => {
  const elected = app
    .replace('image: flask-app', 'image: prometheus-sidecar')
    .replace('replicas: 1', 'replicas: 2')
    .replace('type: Recreate', 'type: RollingUpdate')
    .replace('env: []', 'args: [--ha.lease=kubernetes]')
  const problemsOf = (text: string) => JSON.stringify(checkRules(parseManifests(text)))
  assert.doesNotMatch(problemsOf(elected), /one replica|can't share/)
  const claimed = elected.replace('volumes: []', 'volumes: [{ name: v, persistentVolumeClaim: { claimName: none } }]')
  assert.match(problemsOf(claimed), /has 2 pods, which can't share the claim of the volume v/)
})

test('two sidecars that write the same series are a problem', () => {
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
  for (const text of ['', 'much', '10MiB', '-1']) assert.throws(() => quantity(text), /is not a quantity/, text)
})

function withoutReplicas<T extends { kind: string }>(manifest: T): T {
  if (manifest.kind !== 'Deployment' || !('spec' in manifest)) return manifest
  const { replicas: _, ...spec } = manifest.spec as { replicas?: number }
  return { ...manifest, spec }
}
