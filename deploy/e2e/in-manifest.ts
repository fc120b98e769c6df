import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { freePort } from '@node-to-cloud/bench'
import type { V1Container } from '../checks/kubernetes-types.ts'
import { containersOf, isWorkload, type Manifest, podSpecOf } from '../checks/manifest.ts'
import { quantity } from '../checks/rules/resources.ts'
import type { StartOptions } from './image-lab.ts'

const CONTAINERS: readonly { folder: string; container: string; page?: boolean }[] = [
  { folder: 'apps/custom-metrics-example', container: 'custom-metrics-example' },
  { folder: 'apps/flask-app', container: 'flask-app-tutorial' },
  { folder: 'libs/prometheus-sidecar', container: 'prometheus-sidecar' },
  { folder: 'libs/cloud-emulator', container: 'cloud-emulator', page: true },
  { folder: 'apps/loadtester', container: 'loadtester-master', page: true },
]

/** The project's images: each with its folder and name, its container in the manifests, and whether it serves a page. */
export const IMAGES = CONTAINERS.map((one) => ({ ...one, image: basename(one.folder) }))

/** How to start a container as in the manifests, and where it answers. */
export interface InManifest {
  readonly options: StartOptions
  readonly healthUrl: string
  readonly metricsUrl: string
  /** The URL of the container's port `http`. */
  readonly pageUrl: string
}

const TOKEN = 'a-token-for-this-test-of-the-images'

/** Headers for containers that want the token. */
export const ACCESS = { authorization: `Bearer ${TOKEN}` }

/**
 * How to start a container of the manifests on this machine: with its limit, user, writable volumes, variables and arguments, on
 * free ports of 127.0.0.1.
 */
export async function asInManifest(manifests: readonly Manifest[], name: string): Promise<InManifest> {
  const found = manifests
    .filter(isWorkload)
    .map(podSpecOf)
    .flatMap((pod) => containersOf(pod).map((container) => ({ pod, container })))
    .find(({ container }) => container.name === name)
  assert.ok(found, `no container ${name} in the manifests`)
  const { pod, container } = found
  const env: Record<string, string> = {}
  for (const { name: key, value, valueFrom } of container.env ?? []) {
    env[key] = value ?? (valueFrom?.secretKeyRef ? TOKEN : '')
  }
  // The services of the cluster do not exist here.
  env.OTEL_TRACES_EXPORTER = 'none'
  // Nothing scrapes here.
  if (env.LAST_SCRAPE_SECONDS !== undefined) env.LAST_SCRAPE_SECONDS = '0'
  const fromMap: Record<string, string> = {
    GCP_PROJECT: 'demo-project',
    GCP_REGION: 'us-central1',
    KUBE_CLUSTER: 'demo',
    STACKDRIVER_API_ADDRESS: 'http://127.0.0.1:9/?auth=false',
  }
  const ports = new Map<string, number>()
  for (const port of container.ports ?? []) ports.set(String(port.containerPort), await freePort())
  const moved = (text: string) =>
    [...ports].reduce((all, [from, to]) => all.replace(new RegExp(`(?<=:)${from}$`), String(to)), text)
  for (const key of ['PORT', 'METRICS_PORT'])
    if (env[key] !== undefined) env[key] = String(ports.get(env[key]) ?? env[key])
  if (env.HOST !== undefined) env.HOST = '127.0.0.1'
  // ConfigMaps are not mounted here.
  const args = (container.args ?? [])
    .filter((arg) => !/^--(?:dashboards|policies)=/.test(arg))
    .map((arg) => arg.replaceAll(/\$\((\w+)\)/g, (_, key) => fromMap[key] ?? ''))
    .map((arg) => moved(arg).replace('0.0.0.0:', '127.0.0.1:').replace('127.0.0.1:8087', '127.0.0.1:0'))
  const volumes = new Set(
    (pod.volumes ?? [])
      .filter((volume) => volume.emptyDir !== undefined || 'persistentVolumeClaim' in volume)
      .map((volume) => volume.name),
  )
  const { securityContext } = pod
  const health = ports.get(portNumberOf(container, container.livenessProbe?.httpGet?.port))
  const page = ports.get(portNumberOf(container, 'http'))
  return {
    options: {
      user: `${securityContext?.runAsUser}:${securityContext?.runAsGroup}`,
      memoryBytes: quantity(container.resources?.limits?.memory ?? ''),
      writable: (container.volumeMounts ?? [])
        .filter(({ name: volume }) => volumes.has(volume))
        .map(({ mountPath }) => mountPath),
      env,
      args,
    },
    healthUrl: `http://127.0.0.1:${health}${container.livenessProbe?.httpGet?.path}`,
    metricsUrl: `http://127.0.0.1:${health}/metrics`,
    pageUrl: `http://127.0.0.1:${page}/`,
  }
}

function portNumberOf(container: V1Container, name: unknown): string {
  return String((container.ports ?? []).find((port) => port.name === name)?.containerPort)
}

/** Waits until a URL answers with 200. */
export async function answers(url: string, logs: () => Promise<string>): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const status = await fetch(url, { headers: ACCESS, signal: AbortSignal.timeout(5_000) }).then(
      (response) => response.status,
      (error: unknown) => String(error),
    )
    if (status === 200) return
    if (Date.now() > deadline) throw new Error(`${url} answers ${status}:\n${await logs()}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
