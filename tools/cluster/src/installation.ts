import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { stringify } from 'yaml'
import { type ImageReference, imagesOfKustomization } from './images.ts'
import type { Kubectl } from './kubectl.ts'
import { DEPLOY_DIR } from './repository.ts'
import { until } from './wait.ts'

/** The parts of a pod that are read here. */
export interface Pod {
  readonly metadata: {
    readonly name: string
    readonly labels: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
  }
  readonly status: {
    readonly phase: string
    readonly podIP?: string
    readonly containerStatuses?: readonly {
      readonly name: string
      readonly ready: boolean
      readonly restartCount: number
    }[]
  }
}

/** What is applied: an overlay or composition below `deploy`, with components. */
export interface Composition {
  /** The `deploy` folder of another version. Default: this one. */
  readonly deployDir?: string
  readonly base: string
  readonly components?: readonly string[]
  /** The share of requests that flask-app fails on purpose. Default: 0, so that every failure is one of the deployment's. */
  readonly chaosPercent?: number
}

/** The manifests, applied in a namespace of their own. */
export class Installation {
  readonly kubectl: Kubectl
  /** Images of this project under other names than their own. */
  readonly images: readonly ImageReference[]
  readonly #folder: string

  constructor(kubectl: Kubectl, images: readonly ImageReference[]) {
    this.kubectl = kubectl
    this.images = images
    this.#folder = join(DEPLOY_DIR, '.cluster-e2e', kubectl.namespace)
  }

  get namespace(): string {
    return this.kubectl.namespace
  }

  /** Creates the namespace, which enforces the restricted pod security standard. */
  async create(): Promise<void> {
    await this.kubectl.run(['create', 'namespace', this.namespace])
    await this.kubectl.run([
      ...['label', 'namespace', this.namespace, 'node-to-cloud/cluster-e2e=true'],
      'pod-security.kubernetes.io/enforce=restricted',
    ])
  }

  /** Applies a composition. Returns the warnings of the API server. */
  async apply(composition: Composition): Promise<string[]> {
    const { stderr } = await this.kubectl.run(['apply', '--kustomize', this.#write(composition)])
    return stderr.split('\n').filter((line) => line.startsWith('Warning:'))
  }

  /** Deletes all objects of a composition. */
  async deleteObjects(composition: Composition): Promise<void> {
    await this.kubectl.run(['delete', '--kustomize', this.#write(composition), '--wait'], { timeoutMs: 300_000 })
  }

  /** Deletes the namespace with everything in it. */
  async remove(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true })
    await this.kubectl.run(['delete', 'namespace', this.namespace, '--ignore-not-found'], { timeoutMs: 300_000 })
  }

  /** Waits until every Deployment is rolled out. */
  async rolledOut(timeoutMs: number): Promise<void> {
    const { stdout } = await this.kubectl.run(['get', 'deployments', '--output=name'])
    for (const name of stdout.trim().split('\n')) {
      await this.kubectl.run(['rollout', 'status', name, `--timeout=${timeoutMs / 1000}s`], {
        timeoutMs: timeoutMs + 5000,
      })
    }
  }

  /** The pods of a Deployment that are not being deleted; of all if no name is given. */
  async pods(name?: string): Promise<Pod[]> {
    const selector = name === undefined ? [] : ['--selector', `app.kubernetes.io/name=${name}`]
    const { items } = await this.kubectl.json<{ items: Pod[] }>('get', 'pods', ...selector)
    return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  }

  /** Waits until as many pods of a Deployment are ready and returns them. */
  readyPods(name: string, count: number, timeoutMs: number): Promise<Pod[]> {
    return until(`${count} ready pods of ${name}`, timeoutMs, async () => {
      const ready = (await this.pods(name)).filter(isReady)
      return ready.length >= count ? ready : undefined
    })
  }

  #write({ deployDir = DEPLOY_DIR, base, components = [], chaosPercent = 0 }: Composition): string {
    mkdirSync(this.#folder, { recursive: true })
    const path = (folder: string): string => relative(this.#folder, join(deployDir, folder))
    const env = [{ name: 'CHAOS_TARGET_PERCENT', value: String(chaosPercent) }]
    const patch = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'flask-app-tutorial' },
      spec: { template: { spec: { containers: [{ name: 'flask-app-tutorial', env }] } } },
    }
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: this.namespace,
      resources: [path(base)],
      components: components.map((name) => path(`components/${name}`)),
      images: imagesOfKustomization(this.images),
      patches: [{ patch: stringify(patch) }],
    }
    writeFileSync(join(this.#folder, 'kustomization.yaml'), stringify(kustomization))
    return this.#folder
  }
}

/** Whether all containers of a pod are ready. */
export function isReady({ status }: Pod): boolean {
  const { containerStatuses = [] } = status
  return status.phase === 'Running' && containerStatuses.length > 0 && containerStatuses.every(({ ready }) => ready)
}
