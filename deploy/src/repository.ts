import { resolve } from 'node:path'

/** The repository's root, an absolute path. */
export const rootDir = resolve(import.meta.dirname, '../..')

/** The folder `deploy`, an absolute path. */
export const deployDir = resolve(import.meta.dirname, '..')
