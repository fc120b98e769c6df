import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { deployDir } from '../src/repository.ts'
import type { V1Container, V1Deployment } from './kubernetes-types.ts'

const FOLDER = join(deployDir, 'existing-prometheus')

function read<T>(...path: string[]): T {
  return parse(readFileSync(join(...path), 'utf8'))
}

interface RemoteWrite {
  readonly url: string
  /** As Prometheus names the version of the protocol. */
  readonly protobufMessage?: string
  /** As the operator names it. */
  readonly messageVersion?: string
  readonly remoteTimeout: string
  readonly sendExemplars: boolean
  readonly queueConfig: Readonly<Record<string, unknown>>
  readonly writeRelabelConfigs: readonly { readonly action: string; readonly regex: string }[]
}

interface PrometheusSpec {
  readonly containers: readonly V1Container[]
  readonly remoteWrite: readonly RemoteWrite[]
  readonly additionalArgs: readonly { readonly name: string; readonly value: string }[]
}

interface Added {
  readonly container: V1Container
  readonly remoteWrite: RemoteWrite
  readonly flushDeadline: string | undefined
}

const SNAKE_CASE = /_([a-z])/g

function camelCased(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key.replaceAll(SNAKE_CASE, (_, letter: string) => letter.toUpperCase()),
      camelCased(child),
    ]),
  )
}

function firstOf<T>(list: readonly T[] | undefined): T {
  const [first] = list ?? []
  assert.ok(first !== undefined)
  return first
}

function addedBySpec(spec: PrometheusSpec): Added {
  const flushDeadline = spec.additionalArgs.find(({ name }) => name === 'storage.remote.flush-deadline')?.value
  return { container: firstOf(spec.containers), remoteWrite: firstOf(spec.remoteWrite), flushDeadline }
}

/** What each way adds to a Prometheus, in one form. */
const ways: Readonly<Record<string, () => Added>> = {
  'the chart kube-prometheus-stack': () => {
    const file = 'kube-prometheus-stack.values.yaml'
    return addedBySpec(read<{ prometheus: { prometheusSpec: PrometheusSpec } }>(FOLDER, file).prometheus.prometheusSpec)
  },
  'the chart prometheus': () => {
    const { server } = read<{
      server: {
        sidecarContainers: Readonly<Record<string, V1Container>>
        remoteWrite: readonly unknown[]
        extraArgs: Readonly<Record<string, string>>
      }
    }>(FOLDER, 'prometheus.values.yaml')
    const [name, container] = firstOf(Object.entries(server.sidecarContainers))
    return {
      container: { ...container, name },
      remoteWrite: camelCased(firstOf(server.remoteWrite)) as RemoteWrite,
      flushDeadline: server.extraArgs['storage.remote.flush-deadline'],
    }
  },
  'the operator': () => addedBySpec(read<{ spec: PrometheusSpec }>(FOLDER, 'operator', 'prometheus.yaml').spec),
}

const component = join(deployDir, 'components', 'prometheus-sidecar')
const ownPod = read<V1Deployment>(component, 'container.yaml').spec?.template.spec
const own = firstOf(ownPod?.containers)
const ownRemoteWrite = camelCased(
  firstOf(read<{ remote_write: unknown[] }>(component, 'remote-write.yaml').remote_write),
) as RemoteWrite

/** Without what differs by its nature: a pod of an operator stays ready whatever its sidecar does, and has volumes of its own. */
function comparable({ args: _, envFrom: _env, readinessProbe: _probe, volumeMounts: _mounts, ...rest }: V1Container) {
  return rest
}

/** The settings of a remote_write that do not depend on what is sent. */
function settingsOf(remoteWrite: RemoteWrite) {
  const { url, remoteTimeout, sendExemplars, queueConfig, messageVersion, writeRelabelConfigs } = remoteWrite
  const dropped = writeRelabelConfigs.filter(({ action }) => action === 'drop').map(({ regex }) => regex)
  const { protobufMessage = messageVersion === 'V2.0' ? 'io.prometheus.write.v2.Request' : undefined } = remoteWrite
  return { url, protobufMessage, remoteTimeout, sendExemplars, queueConfig, dropped }
}

const flagNames = (args: readonly string[] = []) => args.map((arg) => arg.replace(/=.*/, '')).sort()

for (const [way, read] of Object.entries(ways)) {
  describe(`the sidecar beside a Prometheus of ${way}`, () => {
    const { container, remoteWrite, flushDeadline } = read()

    test('is the container of components/prometheus-sidecar', () =>
      assert.deepEqual(comparable(container), comparable(own)))

    test('has its flags, but for the address of the API, which is Google’s', () =>
      assert.deepEqual(
        flagNames(container.args),
        flagNames(own.args).filter((name) => name !== '--stackdriver.api-address'),
      ))

    test('keeps its state beside the database', () => {
      const { mountPath, subPath } = firstOf(container.volumeMounts)
      assert.deepEqual([mountPath, subPath], ['/data', 'prometheus-sidecar'])
      assert.ok(container.args?.includes('--state-file=/data/prometheus-sidecar.state'))
    })

    test('is sent to as the component’s, and for as long as it stays', () => {
      assert.deepEqual(settingsOf(remoteWrite), settingsOf(ownRemoteWrite))
      assert.equal(flushDeadline, `${container.lifecycle?.preStop?.sleep?.seconds}s`)
    })
  })
}

test('the operator runs the Prometheus that the base has', () => {
  const { spec } = read<V1Deployment>(deployDir, 'base', 'monitoring', 'deployment.yaml')
  const { version } = read<{ spec: { version: string } }>(FOLDER, 'operator', 'prometheus.yaml').spec
  assert.equal(firstOf(spec?.template.spec?.containers).image?.replace(/.*:/, ''), version)
})

const charts = process.env.CHARTS ?? ''
const skip = existsSync(charts) ? false : 'CHARTS names no folder with the charts'

function rendered(
  chart: string,
  release: string,
): readonly { kind: string; metadata: { name: string }; spec: unknown }[] {
  const values = join(FOLDER, `${chart}.values.yaml`)
  const args = ['template', release, join(charts, chart), '--values', values, '--kube-version', '1.34.0']
  const text = execFileSync(process.env.HELM || 'helm', args, { encoding: 'utf8', maxBuffer: 64 << 20 })
  return parseAllDocuments(text).flatMap((document) => document.toJS() ?? [])
}

describe('rendered by helm', { skip }, () => {
  for (const release of ['monitoring', 'kube-prometheus-stack']) {
    test(`kube-prometheus-stack as "${release}": the sidecar mounts the volume of the database`, () => {
      const prometheus = rendered('kube-prometheus-stack', release).find(({ kind }) => kind === 'Prometheus')
      assert.ok(prometheus)
      const { container } = addedBySpec(prometheus.spec as PrometheusSpec)
      assert.equal(firstOf(container.volumeMounts).name, `prometheus-${prometheus.metadata.name}-db`)
    })
  }

  describe('prometheus', () => {
    let objects: ReturnType<typeof rendered> = []
    before(() => {
      objects = rendered('prometheus', 'monitoring')
    })
    test('the sidecar is beside the server, on a volume of the pod', () => {
      const server = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name.endsWith('-server'))
      const pod = (server?.spec as V1Deployment['spec'])?.template.spec
      const container = pod?.containers.find(({ name }) => name === 'prometheus-sidecar')
      assert.ok(container)
      assert.ok(pod?.volumes?.some(({ name }) => name === firstOf(container.volumeMounts).name))
    })
    test('the configuration sends to it', () => {
      const texts = objects.filter(({ kind }) => kind === 'ConfigMap').map((object) => JSON.stringify(object))
      assert.ok(texts.some((text) => text.includes('http://127.0.0.1:9091/api/v1/write')))
    })
  })
})
