/** `npm run release`: what a release needs beside the packages. docs/maintaining.md has the order of the steps. */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ProgramSpec,
  packageVersion,
  readCommandLine,
  repeatable,
  required,
  runMain,
  text,
} from '@node-to-cloud/command-line'
import { repositoryRoot } from '../repository-root.ts'
import { installManifest, parseImages } from './install-manifest.ts'
import { nextVersion, notesOf, withRelease, withVersion } from './new-version.ts'
import { repositorySetting } from './repository-setting.ts'

const PROGRAM = {
  name: 'release',
  calledAs: 'npm run release --',
  version: packageVersion(import.meta.url),
  summary: 'The steps of a release.',
  commands: {
    version: {
      summary: 'Give every package and the changelog the next version',
      arguments: { CHANGE: required(text({ help: 'major, minor, patch, or the version' })) },
    },
    check: {
      summary: 'Whether a tag can be released: its version, its notes, the setting of the repository',
      arguments: { TAG: required(text({ help: 'Such as v1.2.3' })) },
    },
    notes: { summary: "Print the version's section of the changelog" },
    manifest: {
      summary: 'Print all Kubernetes manifests with the images of this version',
      options: {
        image: repeatable(
          text({
            help: 'An image by its digest; default: all by the tag of this version',
            placeholder: 'NAME=REFERENCE',
          }),
        ),
      },
    },
  },
} as const satisfies ProgramSpec

const MANIFESTS =
  '{package.json,{apps,libs,tools}/*/package.json,deploy/package.json,tools/install/left-out/package.json}'

const file = (name: string) => join(repositoryRoot, name)
const read = (name: string) => readFileSync(file(name), 'utf8')
const current = () => packageVersion(import.meta.url)

function raiseVersion(change: string): void {
  const next = nextVersion(current(), change)
  const changelog = withRelease(read('CHANGELOG.md'), next, new Date().toISOString().slice(0, 10))
  writeFileSync(file('CHANGELOG.md'), changelog)
  for (const name of globSync(MANIFESTS, { cwd: repositoryRoot })) {
    writeFileSync(file(name), withVersion(read(name), current(), next))
  }
  for (const name of globSync('{apps,libs}/*/Dockerfile', { cwd: repositoryRoot })) {
    writeFileSync(file(name), read(name).replace(/^ARG VERSION=.*$/m, `ARG VERSION=${next}`))
  }
  process.stdout.write(
    `${next}\nNow, under Node 24: npm install, then commit as "Release ${next}" and tag it v${next}.\n`,
  )
}

/** The reasons not to release `tag`. */
function problemsOf(tag: string): readonly string[] {
  const version = current()
  const { url, imagePrefix } = repositorySetting(repositoryRoot)
  const hosted = process.env.GITHUB_REPOSITORY
  return [
    tag === `v${version}` ? '' : `the tag ${tag} is not v${version}, the version of the packages`,
    notesOf(read('CHANGELOG.md'), version) ? '' : `CHANGELOG.md has no section [${version}] with a date`,
    imagePrefix === undefined
      ? 'config.repository in package.json is empty: set it to git+https://github.com/OWNER/NAME.git'
      : '',
    imagePrefix !== undefined && hosted !== undefined && !url.endsWith(`/${hosted}.git`)
      ? `config.repository in package.json is ${url}, but this is ${hosted}`
      : '',
  ].filter((problem) => problem !== '')
}

function printManifest(images: readonly string[]): void {
  const digests = images.length === 0 ? undefined : parseImages(images)
  const { imagePrefix } = repositorySetting(repositoryRoot)
  if (imagePrefix === undefined && digests === undefined) {
    throw new TypeError('config.repository in package.json is empty: images have no names')
  }
  const referenceOf = (name: string) => digests?.get(name) ?? `${imagePrefix}/${name}:${current()}`
  process.stdout.write(installManifest(repositoryRoot, referenceOf))
}

runMain('release', async () => {
  const line = readCommandLine(PROGRAM)
  if (line.kind === 'information') process.stdout.write(line.text)
  else if (line.command === 'version') raiseVersion(line.arguments.CHANGE)
  else if (line.command === 'notes') process.stdout.write(`${notesOf(read('CHANGELOG.md'), current()) ?? ''}\n`)
  else if (line.command === 'manifest') printManifest(line.options.image)
  else {
    const problems = problemsOf(line.arguments.TAG)
    for (const problem of problems) process.stderr.write(`release: ${problem}\n`)
    process.exitCode = problems.length === 0 ? 0 : 1
  }
})
