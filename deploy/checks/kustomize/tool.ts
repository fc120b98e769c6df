import { execFileSync } from 'node:child_process'

/** The program that builds kustomizations, and how it is called. */
export interface KustomizeTool {
  readonly command: string
  /** Arguments that stand before the folder. */
  readonly args: readonly string[]
  readonly version: string
}

/** No program that can build this project's kustomizations. */
export class KustomizeUnavailableError extends Error {
  readonly code = 'KUSTOMIZE_UNAVAILABLE'
}

const wanted = 'kubectl 1.22 or later, or kustomize 4.2 or later (components and replacements)'

/**
 * Finds `kubectl` (or what `KUBECTL` names) or `kustomize` on this machine.
 *
 * @throws KustomizeUnavailableError when there is none, or none new enough
 */
export function findKustomize(env: NodeJS.ProcessEnv = process.env): KustomizeTool {
  const refused: string[] = []
  for (const candidate of [
    { command: env.KUBECTL || 'kubectl', args: ['kustomize'], ask: ['version', '--client', '--output=json'] },
    { command: env.KUSTOMIZE || 'kustomize', args: ['build'], ask: ['version'] },
  ]) {
    const told = ask(candidate.command, candidate.ask)
    if (told === undefined) continue
    const version = versionOf(told)
    const reason = refusalOf(candidate.args[0] === 'kustomize' ? 'kubectl' : 'kustomize', version)
    if (reason === undefined) return { command: candidate.command, args: candidate.args, version: version ?? 'unknown' }
    refused.push(reason)
  }
  throw new KustomizeUnavailableError(
    `${refused.length > 0 ? refused.join('; ') : 'neither kubectl nor kustomize is installed'}: install ${wanted}`,
  )
}

/** The tool for tests, or why they are skipped where there is none; in CI there is no skipping. */
export function kustomizeOrReason(env: NodeJS.ProcessEnv = process.env): KustomizeTool | string {
  try {
    return findKustomize(env)
  } catch (error) {
    if (error instanceof KustomizeUnavailableError && env.CI !== 'true') return error.message
    throw error
  }
}

/** The first version number in what `kubectl version` or `kustomize version` print, as `1.32.4`. */
export function versionOf(output: string): string | undefined {
  return /v?(\d+\.\d+(?:\.\d+)?)/.exec(/"gitVersion":\s*"([^"]+)"/.exec(output)?.[1] ?? output)?.[1]
}

/** Why this version can't build kustomizations with components and replacements, or `undefined` when it can. */
export function refusalOf(name: 'kubectl' | 'kustomize', version: string | undefined): string | undefined {
  if (version === undefined) return `${name} does not tell its version`
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantedMajor, wantedMinor] = name === 'kubectl' ? [1, 22] : [4, 2]
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return undefined
  return `${name} ${version} does not know kustomize's components and replacements`
}

function ask(command: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 20_000 })
  } catch {
    return undefined
  }
}
