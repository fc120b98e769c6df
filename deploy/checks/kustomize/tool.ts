import { execFileSync } from 'node:child_process'

/** A program that builds kustomizations. */
export interface KustomizeTool {
  readonly command: string
  /** Arguments that precede the folder. */
  readonly args: readonly string[]
  readonly version: string
}

/** No program here can build this project's kustomizations. */
export class KustomizeUnavailableError extends Error {
  readonly code = 'ERR_KUSTOMIZE_UNAVAILABLE'
}

const REQUIRED = 'kubectl 1.22 or later, or kustomize 4.2 or later (components and replacements)'

/**
 * Finds `kubectl` (or what `KUBECTL` names) or `kustomize` on this machine.
 *
 * @throws KustomizeUnavailableError when neither is installed, or both are too old
 */
export function findKustomize(env: NodeJS.ProcessEnv = process.env): KustomizeTool {
  const refused: string[] = []
  for (const candidate of [
    { command: env.KUBECTL || 'kubectl', args: ['kustomize'], versionArgs: ['version', '--client', '--output=json'] },
    { command: env.KUSTOMIZE || 'kustomize', args: ['build'], versionArgs: ['version'] },
  ]) {
    const output = run(candidate.command, candidate.versionArgs)
    if (output === undefined) continue
    const version = versionOf(output)
    const reason = refusalOf(candidate.args[0] === 'kustomize' ? 'kubectl' : 'kustomize', version)
    if (reason === undefined) return { command: candidate.command, args: candidate.args, version: version ?? 'unknown' }
    refused.push(reason)
  }
  throw new KustomizeUnavailableError(
    `${refused.length > 0 ? refused.join('; ') : 'neither kubectl nor kustomize is installed'}: install ${REQUIRED}`,
  )
}

/** The tool for tests, or the reason to skip them. In CI a missing tool is an error. */
export function kustomizeOrReason(env: NodeJS.ProcessEnv = process.env): KustomizeTool | string {
  try {
    return findKustomize(env)
  } catch (error) {
    if (error instanceof KustomizeUnavailableError && env.CI !== 'true') return error.message
    throw error
  }
}

/** The version in the output of `kubectl version` or `kustomize version`, such as `1.32.4`. */
export function versionOf(output: string): string | undefined {
  return /v?(\d+\.\d+(?:\.\d+)?)/.exec(/"gitVersion":\s*"([^"]+)"/.exec(output)?.[1] ?? output)?.[1]
}

/** Why this version can't build kustomizations with components and replacements, or `undefined` when it can. */
export function refusalOf(name: 'kubectl' | 'kustomize', version: string | undefined): string | undefined {
  if (version === undefined) return `${name} does not report its version`
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantedMajor, wantedMinor] = name === 'kubectl' ? [1, 22] : [4, 2]
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return undefined
  return `${name} ${version} does not support kustomize's components and replacements`
}

function run(command: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 20_000 })
  } catch {
    return undefined
  }
}
