import { join, resolve } from 'node:path'

/** The root of the repository. */
export const ROOT_DIR = resolve(import.meta.dirname, '../../..')

/** The folder of the manifests. */
export const DEPLOY_DIR = join(ROOT_DIR, 'deploy')
