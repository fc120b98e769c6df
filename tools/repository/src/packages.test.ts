import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { before, test } from 'node:test'
import { type Manifest as PackageManifest, publishedManifest } from './release/published-manifest.ts'
import { repositoryRoot } from './repository-root.ts'
import { isTestCode } from './test-code.ts'

interface Manifest extends PackageManifest {
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const MANIFESTS: readonly (readonly [folder: string, manifest: Manifest])[] = globSync(
  '{{apps,libs,tools}/*,deploy}/package.json',
  { cwd: repositoryRoot },
)
  .sort()
  .map((file) => [
    file.replace('/package.json', ''),
    JSON.parse(readFileSync(join(repositoryRoot, file), 'utf8')) as Manifest,
  ])

/** The files that `exports` and `bin` name, without what serves the repository alone. */
function entryPoints(manifest: Manifest): readonly string[] {
  const { exports = {}, bin = {} } = publishedManifest(manifest, '', '')
  return (
    JSON.stringify([exports, bin])
      .match(/"\.\/[^"]+\.(?:js|d\.ts)"/g)
      ?.map((quoted) => quoted.slice(3, -1)) ?? []
  )
}

before(() => {
  const published = MANIFESTS.filter(([, manifest]) => manifest.private !== true).map(([folder]) => folder)
  execFileSync(join(repositoryRoot, 'node_modules/.bin/tsc'), ['-b', ...published], { cwd: repositoryRoot })
})

for (const [folder, manifest] of MANIFESTS) {
  test(`${folder} has the project's license`, () => {
    assert.equal(manifest.license, 'Apache-2.0')
    const license = (path: string) => readFileSync(join(repositoryRoot, path, 'LICENSE'), 'utf8')
    assert.equal(license(folder), license('.'))
  })

  test(`${folder} names the other packages of the repository in the version they have`, () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      const other = MANIFESTS.find(([, { name: candidate }]) => candidate === name)
      if (other !== undefined) assert.equal(version, other[1].version, name)
    }
  })

  if (manifest.private !== true) {
    test(`the npm package of ${folder} has its license, its README and what it exports, and no test code`, () => {
      const [packed]: readonly { readonly files: readonly { readonly path: string }[] }[] = JSON.parse(
        execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
          cwd: join(repositoryRoot, folder),
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        }),
      )
      const files = (packed?.files ?? []).map(({ path }) => path)
      for (const expected of ['LICENSE', 'README.md', ...entryPoints(manifest)])
        assert.ok(
          files.some((file) => matchesGlob(file, expected.replace('*', '**'))),
          expected,
        )
      assert.deepEqual(
        files.filter((path) => isTestCode(folder, path)),
        [],
      )
    })
  }
}
