import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { stringify } from 'yaml'
import { type BuildTool, findBuildTool } from '../image/build-tool.ts'
import { deployDir, rootDir } from '../repository.ts'
import { readSkaffoldModules, type SkaffoldModule } from './configuration.ts'
import type { DeployArguments } from './deploy-arguments.ts'

/** What a module builds and applies with its profiles. */
export interface DeployPlan {
  readonly images: readonly { readonly name: string; readonly folder: string }[]
  /** Kustomizations, relative to the repository's root. */
  readonly kustomizations: readonly string[]
}

/** A command of the deployment failed. Its own output says why. */
export class DeployError extends Error {
  override readonly name = 'DeployError'
  readonly code = 'ERR_DEPLOY'
}

/**
 * Resolves a module of skaffold.yaml and its profiles.
 *
 * @throws TypeError for an unknown module or profile, and for `gcb`, which only skaffold can do
 */
export function planDeployment(
  modules: readonly SkaffoldModule[],
  name: string,
  profiles: readonly string[],
): DeployPlan {
  const module = modules.find(({ metadata }) => metadata.name === name)
  if (module === undefined) {
    throw new TypeError(`"${name}" must be one of ${modules.map(({ metadata }) => metadata.name).join(', ')}`)
  }
  let { artifacts } = module.build
  let kustomizations = module.manifests.kustomize.paths
  for (const wanted of profiles) {
    const profile = module.profiles.find((one) => one.name === wanted)
    if (wanted === 'gcb') throw new TypeError('the profile gcb needs skaffold')
    // A profile of another module does not change this one.
    if (profile === undefined && modules.some((one) => one.profiles.some((other) => other.name === wanted))) continue
    if (profile === undefined) {
      throw new TypeError(`--profile "${wanted}" must be one of ${module.profiles.map((one) => one.name).join(', ')}`)
    }
    artifacts = profile.build?.artifacts ?? artifacts
    if (profile.patches?.some(({ op, path }) => op === 'remove' && path === '/build/artifacts')) artifacts = []
    kustomizations = profile.manifests?.kustomize.paths ?? kustomizations
  }
  return {
    images: artifacts.map(({ image, docker }) => ({ name: image, folder: dirname(docker.dockerfile) })),
    kustomizations,
  }
}

/** Builds a module's images, pushes them if there is a registry, and applies its manifests with kubectl. */
export function deployWithKubectl(module: string, options: DeployArguments): void {
  const { profiles, defaultRepo } = options
  const { images, kustomizations } = planDeployment(readSkaffoldModules(), module, profiles)
  const tag = tagOf(output('git', ['describe', '--always', '--dirty', '--exclude=*']))
  const tool = images.length > 0 ? findBuildTool() : undefined
  const pushed = images.map(({ name, folder }) => {
    const reference = defaultRepo === undefined ? undefined : `${defaultRepo}/${name}:${tag}`
    build(folder, reference)
    if (tool && reference !== undefined) push(tool, reference)
    return { name, newName: defaultRepo === undefined ? name : `${defaultRepo}/${name}`, newTag: tag }
  })
  if (defaultRepo === undefined && images.length > 0) {
    const names = images.map(({ name }) => name).join(', ')
    console.log(`deploy ${module}: no --default-repo, so load ${names} into the cluster's nodes yourself`)
  }
  apply(module, kustomizations, defaultRepo === undefined ? [] : pushed, options)
}

/** The arguments with which kubectl uses the context that is asked for. */
export function contextArguments({ kubeContext }: Pick<DeployArguments, 'kubeContext'>): string[] {
  return kubeContext === undefined ? [] : ['--context', kubeContext]
}

/**
 * The tag of images of a commit. What differs from a commit gets another tag each time, since nodes do not pull a tag again, and
 * kubectl would find nothing changed.
 */
function tagOf(commit: string): string {
  if (commit !== '' && !commit.endsWith('-dirty')) return commit
  return `${commit === '' ? 'unknown' : commit}-${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}`
}

function build(folder: string, reference: string | undefined): void {
  const tag = reference === undefined ? [] : ['--tag', reference]
  run(process.execPath, [join(rootDir, 'deploy/src/image/build-image.ts'), folder, ...tag])
}

function push({ program }: BuildTool, reference: string): void {
  run(program, ['push', reference])
}

function apply(
  module: string,
  kustomizations: readonly string[],
  images: readonly object[],
  options: DeployArguments,
): void {
  // Below deploy, since kustomize accepts no absolute paths.
  const folder = join(deployDir, '.deploy', module)
  mkdirSync(folder, { recursive: true })
  try {
    const resources = kustomizations.map((path) => relative(folder, join(rootDir, path)))
    writeFileSync(join(folder, 'kustomization.yaml'), stringify({ resources, images }))
    const where = [
      ...contextArguments(options),
      ...(options.namespace === undefined ? [] : ['--namespace', options.namespace]),
    ]
    run('kubectl', ['apply', ...where, '--kustomize', folder])
    const manifests = output('kubectl', ['kustomize', folder])
    for (const name of namesOfDeployments(manifests)) {
      run('kubectl', ['rollout', 'status', ...where, `deployment/${name}`, '--timeout=600s'])
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function namesOfDeployments(manifests: string): string[] {
  return manifests.split(/^---$/m).flatMap((document) => {
    const name = /^metadata:\n(?: .*\n)*? {2}name: (\S+)/m.exec(document)?.[1]
    return /^kind: Deployment$/m.test(document) && name !== undefined ? [name] : []
  })
}

function run(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { cwd: rootDir, stdio: 'inherit' })
  if (status !== 0) {
    throw new DeployError(`${program} ${args[0]} ${error?.message ?? `exited with ${status}`}`, { cause: error })
  }
}

function output(program: string, args: readonly string[]): string {
  const { status, stdout } = spawnSync(program, args, { cwd: rootDir, encoding: 'utf8', maxBuffer: 64 << 20 })
  return status === 0 ? stdout.trim() : ''
}
