import { spawnSync } from 'node:child_process'

/** A program that builds images from a Dockerfile. */
export interface BuildTool {
  readonly program: 'docker' | 'buildah' | 'podman'
  /** Its arguments before those that all three know. */
  readonly args: readonly string[]
}

/** Whether a program is there and works, and if not, why. */
export type Probe = (program: string, args: readonly string[]) => 'works' | 'missing' | 'fails'

/**
 * The first of docker, buildah and podman that is there and works. A docker without its daemon does not.
 *
 * @throws Error with what to install
 */
export function findBuildTool(probe: Probe = runProbe): BuildTool {
  const seen: string[] = []
  for (const { tool, check } of candidates) {
    const state = probe(tool.program, check)
    if (state === 'works') return tool
    if (state === 'fails') seen.push(`${tool.program} is installed, but "${tool.program} ${check.join(' ')}" fails`)
  }
  const hint = seen.length > 0 ? `; ${seen.join('; ')}` : ''
  throw new Error(`no program that builds images: install docker, buildah or podman${hint}`)
}

const candidates: readonly { readonly tool: BuildTool; readonly check: readonly string[] }[] = [
  { tool: { program: 'docker', args: ['build'] }, check: ['info'] },
  { tool: { program: 'buildah', args: ['build', '--layers'] }, check: ['version'] },
  { tool: { program: 'podman', args: ['build'] }, check: ['info'] },
]

function runProbe(program: string, args: readonly string[]): ReturnType<Probe> {
  const { status, error } = spawnSync(program, args, { stdio: 'ignore', timeout: 30_000 })
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return 'missing'
  return status === 0 ? 'works' : 'fails'
}
