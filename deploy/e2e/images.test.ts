import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { V1Container } from '../checks/kubernetes-types.ts'
import { buildKustomization } from '../checks/kustomize/build.ts'
import { findKustomize } from '../checks/kustomize/tool.ts'
import { containersOf, isWorkload, type Manifest, podSpecOf } from '../checks/manifest.ts'
import { quantity } from '../checks/rules/resources.ts'
import { deployDir } from '../src/repository.ts'
import { ImageLab, reasonAgainst, type StartOptions } from './image-lab.ts'

const MB = 1_000_000
const IMAGES = [
  { folder: 'apps/custom-metrics-example', container: 'custom-metrics-example' },
  { folder: 'apps/flask-app', container: 'flask-app-tutorial' },
  { folder: 'libs/prometheus-sidecar', container: 'prometheus-sidecar' },
  { folder: 'libs/cloud-emulator', container: 'cloud-emulator', page: true },
  { folder: 'apps/loadtester', container: 'loadtester-master', page: true },
] satisfies { folder: string; container: string; page?: boolean }[]

const README = readFileSync(join(deployDir, 'README.md'), 'utf8')

/** What the README's table of images says of one, in bytes. */
function sizeInReadme(image: string): number {
  const [, size] = new RegExp(`^\\| ${image} \\| ([\\d.]+) MB \\|`, 'm').exec(README) ?? []
  assert.ok(size, `no row ${image} in deploy/README.md`)
  return Number(size) * MB
}

const reason = reasonAgainst()
if (reason !== undefined && process.env.CI === 'true') throw new Error(`images can't be built: ${reason}`)

describe('images', { skip: reason }, () => {
  const lab = new ImageLab()
  let manifests: readonly Manifest[] = []
  before(async () => {
    manifests = await buildKustomization(findKustomize(), join(deployDir, 'overlays/local'))
    await lab.makeBases()
  })
  after(() => lab.close())

  for (const { folder, container: containerName, page = false } of IMAGES) {
    const image = folder.slice(folder.indexOf('/') + 1)
    describe(image, () => {
      before(() => lab.build(folder, image))

      test('adds to its base about what the README says, and does not run as root', async (t) => {
        const bytes = await lab.ownLayersBytes(image)
        t.diagnostic(`${(bytes / MB).toFixed(1)} MB of own layers`)
        assert.ok(Math.abs(bytes / sizeInReadme(image) - 1) < 0.2, `${bytes} bytes`)
        const { User, Labels } = await lab.inspect(image)
        assert.equal(User, '65532:65532')
        assert.equal(Labels['org.opencontainers.image.title'], image)
        assert.ok(Labels['org.opencontainers.image.description'])
      })

      test('runs as in its manifest, answers, and exits with 0 on SIGTERM', async (t) => {
        const { options, healthUrl, metricsUrl, pageUrl } = await asInManifest(manifests, containerName)
        const running = await lab.start(image, options)
        await answers(healthUrl, () => lab.logs(running))
        const metrics = await (await fetch(metricsUrl)).text()
        assert.match(metrics, /^# TYPE /m)
        if (page) await answers(pageUrl, () => lab.logs(running))
        for (const url of page ? await partsOfPage(pageUrl) : []) {
          assert.equal((await fetch(url, { headers: ACCESS })).status, 200, url)
        }
        const peak = lab.peakMemoryBytes(running)
        t.diagnostic(`peak memory ${((peak ?? 0) / MB).toFixed(0)} MB of ${(options.memoryBytes / MB).toFixed(0)} MB`)
        assert.equal(await lab.terminate(running), 0, await lab.logs(running))
      })

      test('exits with 0 on SIGTERM at any moment of its start', async () => {
        const { options } = await asInManifest(manifests, containerName)
        for (const afterMs of [0, 30, 90, 200, 450]) {
          const running = await lab.start(image, options)
          assert.equal(await lab.terminate(running, afterMs), 0, `after ${afterMs} ms:\n${await lab.logs(running)}`)
        }
      })
    })
  }
})

interface Start {
  readonly options: StartOptions
  readonly healthUrl: string
  readonly metricsUrl: string
  /** The URL of the container's port `http`. */
  readonly pageUrl: string
}

const TOKEN = 'a-token-for-this-test-of-the-images'
const ACCESS = { authorization: `Bearer ${TOKEN}` }

/**
 * How to start a container of the manifests on this machine: with its limit, user, writable volumes, variables and arguments, on
 * free ports of 127.0.0.1.
 */
async function asInManifest(manifests: readonly Manifest[], name: string): Promise<Start> {
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

/** The URLs of a page and of its scripts, modules, styles and pictures. */
async function partsOfPage(pageUrl: string): Promise<string[]> {
  const response = await fetch(pageUrl, { headers: ACCESS })
  const html = response.headers.get('content-type')?.startsWith('text/html') ? await response.text() : ''
  const parts = [...html.matchAll(/(?:src|href)="(\/[^"]+)"|"(\/[^"]+\.js)"/g)].map(([, a, b]) => a ?? b ?? '')
  return [pageUrl, ...parts.map((part) => new URL(part, pageUrl).href)]
}

function portNumberOf(container: V1Container, name: unknown): string {
  return String((container.ports ?? []).find((port) => port.name === name)?.containerPort)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function answers(url: string, logs: () => Promise<string>): Promise<void> {
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
