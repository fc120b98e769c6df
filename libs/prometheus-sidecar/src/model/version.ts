import { packageVersion } from '@node-to-cloud/command-line'

/** The version of this package. */
export const VERSION: string = packageVersion(new URL('..', import.meta.url).href)
