import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Manifest, parseManifests } from '../manifest.ts'
import type { KustomizeTool } from './tool.ts'

const run = promisify(execFile)

/** A kustomization does not build. The message is kustomize's own. */
export class KustomizeBuildError extends Error {
  readonly code = 'ERR_KUSTOMIZE_BUILD'
}

/**
 * Builds one kustomization.
 *
 * @param folder - an absolute path
 * @throws KustomizeBuildError
 */
export async function buildKustomization(tool: KustomizeTool, folder: string): Promise<Manifest[]> {
  try {
    const { stdout } = await run(tool.command, [...tool.args, folder], { maxBuffer: 64 << 20, timeout: 60_000 })
    return parseManifests(stdout)
  } catch (cause) {
    const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause)
    throw new KustomizeBuildError(`${folder} does not build: ${stderr}`, { cause })
  }
}
