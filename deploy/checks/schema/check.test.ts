import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseManifests } from '../manifest.ts'
import { checkSchemas } from './check.ts'

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec:
  replicas: 1
  selector: { matchLabels: { app: app } }
  template:
    metadata: { labels: { app: app } }
    spec:
      containers:
        - name: app
          image: app
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /, port: http } }
          resources: { limits: { memory: 64Mi } }
`
const podMonitoring = `
apiVersion: monitoring.googleapis.com/v1
kind: PodMonitoring
metadata: { name: app }
spec:
  selector: { matchLabels: { app: app } }
  endpoints: [{ port: metrics, interval: 30s }]
`

for (const { name, yaml, change, expected } of [
  { name: 'a valid Deployment', yaml: deployment, change: [], expected: [] },
  {
    name: 'an unknown field',
    yaml: deployment,
    change: ['readinessProbe', 'readynessProbe'],
    expected: [/spec\.template\.spec\.containers\[0\]\.readynessProbe: unknown field/],
  },
  {
    name: 'an unknown field at the top',
    yaml: deployment,
    change: ['spec:\n  replicas', 'sped: {}\nspec:\n  replicas'],
    expected: [/^sped: unknown/],
  },
  {
    name: 'a string for a number',
    yaml: deployment,
    change: ['replicas: 1', 'replicas: "1"'],
    expected: [/replicas: "1" is not a number/, /replicas/],
  },
  {
    name: 'a number for a string',
    yaml: deployment,
    change: ['image: app', 'image: 7'],
    expected: [/image: 7 is not a string/, /image/],
  },
  {
    name: 'a number in a map of labels',
    yaml: deployment,
    change: ['labels: { app: app }', 'labels: { app: 1 }'],
    expected: [/labels\.app: 1 is not a string/, /labels/],
  },
  {
    name: 'a list for an object',
    yaml: deployment,
    change: ['selector: { matchLabels: { app: app } }', 'selector: []'],
    expected: [/selector: \[\] is not a V1LabelSelector/, /selector/],
  },
  {
    name: 'a missing selector',
    yaml: deployment,
    change: ['  selector: { matchLabels: { app: app } }\n', ''],
    expected: [/selector/],
  },
  {
    name: 'a container without a name',
    yaml: deployment,
    change: ['- name: app\n          image', '- image'],
    expected: [/name/],
  },
  {
    name: 'a kind that does not exist',
    yaml: deployment,
    change: ['kind: Deployment', 'kind: Deploiment'],
    expected: [/no schema for apps\/v1 Deploiment/, /no schema/],
  },
  { name: 'a valid PodMonitoring', yaml: podMonitoring, change: [], expected: [] },
  {
    name: 'an unknown field of a custom resource',
    yaml: podMonitoring,
    change: ['interval: 30s', 'every: 30s'],
    expected: [/required property 'interval'/, /additional/],
  },
] satisfies { name: string; yaml: string; change: [string, string] | []; expected: RegExp[] }[]) {
  test(`${name}: ${expected.length === 0 ? 'no problem' : 'a problem'}`, async () => {
    const [from, to] = change
    if (from !== undefined) assert.ok(yaml.includes(from), `not in the manifest: ${from}`)
    const problems = await checkSchemas(parseManifests(from === undefined ? yaml : yaml.replace(from, to ?? '')))
    assert.equal(problems.length, expected.length, JSON.stringify(problems))
    for (const [index, pattern] of expected.entries()) assert.match(problems[index]?.message ?? '', pattern)
  })
}
