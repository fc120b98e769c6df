import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { stringify } from 'yaml'
import { type ImageReference, imagesOfKustomization } from './images.ts'
import type { Kubectl } from './kubectl.ts'
import { isReady, type Pod } from './pod.ts'
import { DEPLOY_DIR } from './repository.ts'
import { unreadyReasons } from './unready-reasons.ts'
import { until } from './wait.ts'

/** What is applied: an overlay or composition below `deploy`, with components. */
export interface Composition {
  /** The `deploy` folder of another version. Default: this one. */
  readonly deployDir?: string
  readonly base: string
  /** More overlays, compositions or bases. */
  readonly others?: readonly string[]
  readonly components?: readonly string[]
  /** Files of `deploy` that are applied too. Kustomize takes files only from below, so they are copied. */
  readonly files?: readonly string[]
  /** Strategic merge patches. */
  readonly patches?: readonly object[]
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

  /** Creates the namespace, which enforces a pod security standard. */
  async create(standard: 'restricted' | 'privileged' = 'restricted'): Promise<void> {
    await this.kubectl.run(['create', 'namespace', this.namespace])
    await this.kubectl.run([
      ...['label', 'namespace', this.namespace, 'node-to-cloud/cluster-e2e=true'],
      `pod-security.kubernetes.io/enforce=${standard}`,
    ])
  }

  /** Applies a composition. Returns the warnings of the API server. */
  async apply(composition: Composition): Promise<string[]> {
    const { stderr } = await this.kubectl.run(['apply', '--kustomize', this.#write(composition)])
    return stderr.split('\n').filter((line) => line.startsWith('Warning:'))
  }

  /** Deletes all objects of a composition. */
  async deleteObjects(composition: Composition, ...options: readonly string[]): Promise<void> {
    const command = ['delete', '--kustomize', this.#write(composition), ...options]
    await this.kubectl.run(command, { timeoutMs: 300_000 })
  }

  /** Deletes the namespace with everything in it. */
  async remove(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true })
    await this.kubectl.run(['delete', 'namespace', this.namespace, '--ignore-not-found'], { timeoutMs: 300_000 })
  }

  /**
   * Waits until every Deployment is rolled out.
   *
   * @throws Error that says which pods are not ready, and what the cluster says of them
   */
  async rolledOut(timeoutMs: number): Promise<void> {
    const { stdout } = await this.kubectl.run(['get', 'deployments', '--output=name'])
    for (const name of stdout.trim().split('\n')) {
      try {
        await this.kubectl.run(['rollout', 'status', name, `--timeout=${timeoutMs / 1000}s`], {
          timeoutMs: timeoutMs + 5000,
        })
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        const found = await unreadyReasons(this.kubectl, await this.pods())
        throw new Error([why, ...found].join('; '), { cause: error })
      }
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

  #write(composition: Composition): string {
    const { deployDir = DEPLOY_DIR, base, others = [], components = [], files = [], patches = [] } = composition
    mkdirSync(this.#folder, { recursive: true })
    for (const file of files) copyFileSync(join(deployDir, file), join(this.#folder, basename(file)))
    const path = (folder: string): string => relative(this.#folder, join(deployDir, folder))
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: this.namespace,
      resources: [...[base, ...others].map(path), ...files.map((file) => basename(file))],
      components: components.map((name) => path(`components/${name}`)),
      images: imagesOfKustomization(this.images),
      patches: [chaos(composition), ...patches].map((patch) => ({ patch: stringify(patch) })),
    }
    writeFileSync(join(this.#folder, 'kustomization.yaml'), stringify(kustomization))
    return this.#folder
  }
}

/** A patch that sets environment variables of a Deployment's first container, which has the Deployment's name. */
export function environmentPatch(name: string, variables: Readonly<Record<string, string>>): object {
  const env = Object.entries(variables).map(([key, value]) => ({ name: key, value }))
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { template: { spec: { containers: [{ name, env }] } } },
  }
}

/** A patch that sets the number of load workers: fewer make the same load as five, and leave a small node room for other installations. */
export function workersPatch(replicas: number): object {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'loadtester-worker' }, spec: { replicas } }
}

export const ONE_WORKER = workersPatch(1)

function chaos({ chaosPercent = 0 }: Composition): object {
  return environmentPatch('flask-app-tutorial', { CHAOS_TARGET_PERCENT: String(chaosPercent) })
}
