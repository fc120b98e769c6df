import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the project is published, all from `config.repository` in the root `package.json`. */
export interface RepositorySetting {
  /** As in `git+https://github.com/OWNER/NAME.git`; empty while there is no repository. */
  readonly url: string
  /** What precedes the name of an image, as in `ghcr.io/owner/name`; undefined while there is no repository. */
  readonly imagePrefix: string | undefined
}

/**
 * Reads the setting of the repository at `root`.
 *
 * @throws TypeError where it is set to something else than a repository on GitHub
 */
export function repositorySetting(root: string): RepositorySetting {
  const { config = {} }: { config?: { repository?: string } } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  return parseRepository(config.repository ?? '')
}

/**
 * @param url - the value of the setting
 * @throws TypeError where it is set to something else than a repository on GitHub
 */
export function parseRepository(url: string): RepositorySetting {
  if (url === '') return { url, imagePrefix: undefined }
  const path = /^git\+https:\/\/github\.com\/([\w.-]+\/[\w.-]+)\.git$/.exec(url)?.[1]
  if (path === undefined) {
    throw new TypeError(`config.repository in package.json: "${url}" must be git+https://github.com/OWNER/NAME.git`)
  }
  return { url, imagePrefix: `ghcr.io/${path.toLowerCase()}` }
}
