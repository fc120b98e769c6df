/** A change of the version: a step of Semantic Versioning, or the version itself. */
export type VersionChange = 'major' | 'minor' | 'patch' | (string & {})

/**
 * The version after `current`.
 *
 * @throws TypeError where `change` is neither a step nor a later version
 */
export function nextVersion(current: string, change: VersionChange): string {
  const [major, minor, patch] = numbersOf(current)
  if (change === 'major') return `${major + 1}.0.0`
  if (change === 'minor') return `${major}.${minor + 1}.0`
  if (change === 'patch') return `${major}.${minor}.${patch + 1}`
  const wanted = /^\d+\.\d+\.\d+$/.test(change) ? numbersOf(change) : undefined
  if (wanted === undefined || compare(wanted, [major, minor, patch]) <= 0) {
    throw new TypeError(
      `"${change}" must be major, minor, patch, or a version after ${current} such as ${nextVersion(current, 'minor')}`,
    )
  }
  return change
}

/** A `package.json` with the new version, also of the packages of this repository that it depends on. */
export function withVersion(manifest: string, current: string, next: string): string {
  const own = new RegExp(`^(\\s*"(?:version|@node-to-cloud/[\\w-]+)": ")${current.replaceAll('.', '\\.')}(",?)$`, 'gm')
  return manifest.replace(own, `$1${next}$2`)
}

/**
 * The changelog with what is unreleased under the new version.
 *
 * @throws TypeError where nothing is unreleased
 */
export function withRelease(changelog: string, next: string, date: string): string {
  const heading = '## [Unreleased]\n'
  const [before = '', after] = changelog.split(heading)
  const unreleased = after?.split(/^## /m)[0] ?? ''
  if (after === undefined || !/^- /m.test(unreleased))
    throw new TypeError('CHANGELOG.md has nothing under [Unreleased]')
  return `${before}${heading}\n## [${next}] - ${date}\n${after}`
}

/** The section of a version, without its heading; undefined where there is none. */
export function notesOf(changelog: string, version: string): string | undefined {
  const [, section] = changelog.split(`\n## [${version}] - `)
  return section?.split(/^## /m)[0]?.replace(/^.*\n/, '').trim()
}

type Numbers = readonly [major: number, minor: number, patch: number]

function numbersOf(version: string): Numbers {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  return [major, minor, patch]
}

function compare(a: Numbers, b: Numbers): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}
