import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '../repository-root.ts'
import { type Manifest, publishedManifest } from './published-manifest.ts'
import { repositorySetting } from './repository-setting.ts'

/** A package of the repository that is published. */
export interface PublishedPackage {
  readonly folder: string
  readonly manifest: Manifest
}

/** The packages of the repository that are not private. */
export function publishedPackages(): readonly PublishedPackage[] {
  return globSync('{apps,libs}/*/package.json', { cwd: repositoryRoot })
    .sort()
    .map((file) => ({ folder: file.replace('/package.json', ''), manifest: readManifest(join(repositoryRoot, file)) }))
    .filter(({ manifest }) => manifest.private !== true)
}

/**
 * Builds every published package and packs it as it is published.
 *
 * @param target - the folder for the tarballs, which is created
 * @returns the paths of the tarballs by the names of the packages
 */
export function packPackages(target: string): ReadonlyMap<string, string> {
  const packages = publishedPackages()
  const tsc = join(repositoryRoot, 'node_modules/.bin/tsc')
  execFileSync(tsc, ['-b', ...packages.map(({ folder }) => folder)], { cwd: repositoryRoot, stdio: 'inherit' })
  mkdirSync(target, { recursive: true })
  const { url } = repositorySetting(repositoryRoot)
  return new Map(packages.map((one) => [one.manifest.name, packOne(one, { target, repositoryUrl: url })]))
}

function packOne(
  { folder, manifest }: PublishedPackage,
  { target, repositoryUrl }: Readonly<Record<'target' | 'repositoryUrl', string>>,
): string {
  const staging = mkdtempSync(join(tmpdir(), 'pack-'))
  try {
    const tarball = npmPack(join(repositoryRoot, folder), staging)
    execFileSync('tar', ['-xzf', tarball, '-C', staging])
    const unpacked = join(staging, 'package')
    const published = publishedManifest(manifest, folder, repositoryUrl)
    writeFileSync(join(unpacked, 'package.json'), `${JSON.stringify(published, undefined, 2)}\n`)
    return npmPack(unpacked, target)
  } finally {
    rmSync(staging, { recursive: true })
  }
}

/** Returns the tarball's path. */
function npmPack(folder: string, target: string): string {
  const [packed]: readonly { readonly filename: string }[] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', `--pack-destination=${target}`], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
  if (packed === undefined) throw new Error(`npm pack in ${folder} named no file`)
  return join(target, packed.filename)
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8'))
}
