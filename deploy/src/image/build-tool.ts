import { spawnSync } from 'node:child_process'

/** A program that builds an image from a Dockerfile. */
export interface BuildTool {
  readonly program: 'docker' | 'buildah' | 'podman'
  /** Arguments that precede those common to all three. */
  readonly args: readonly string[]
}

/** Whether a program is installed and works. */
export type Probe = (program: string, args: readonly string[]) => 'works' | 'missing' | 'fails'

/**
 * Returns the first of docker, buildah and podman that works. Docker without a running daemon does not.
 *
 * @throws Error that says what to install
 */
export function findBuildTool(probe: Probe = runProbe): BuildTool {
  const seen: string[] = []
  for (const { tool, check } of CANDIDATES) {
    const state = probe(tool.program, check)
    if (state === 'works') return tool
    if (state === 'fails') seen.push(`${tool.program} is installed, but "${tool.program} ${check.join(' ')}" fails`)
  }
  const hint = seen.length > 0 ? `; ${seen.join('; ')}` : ''
  throw new Error(`nothing on this machine can build images: install docker, buildah or podman${hint}`)
}

/**
 * The platform that builds images, such as `linux/amd64`. Docker knows it; some versions of buildah and podman have to be told by the
 * build argument `BUILDPLATFORM`, else a `--platform` is that of all stages.
 */
export function buildPlatform(): string {
  return `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`
}

const CANDIDATES: readonly { readonly tool: BuildTool; readonly check: readonly string[] }[] = [
  { tool: { program: 'docker', args: ['build'] }, check: ['info'] },
  { tool: { program: 'buildah', args: ['build', '--layers'] }, check: ['version'] },
  { tool: { program: 'podman', args: ['build'] }, check: ['info'] },
]

function runProbe(program: string, args: readonly string[]): ReturnType<Probe> {
  const { status, error } = spawnSync(program, args, { stdio: 'ignore', timeout: 30_000 })
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return 'missing'
  return status === 0 ? 'works' : 'fails'
}
