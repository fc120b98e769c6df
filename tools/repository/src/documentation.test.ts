import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { findLinks, findNamedPaths, headingAnchors } from './markdown.ts'
import { repositoryFiles, repositoryRoot } from './repository-root.ts'

const DOCUMENTS = repositoryFiles().filter((file) => file.endsWith('.md') && !file.includes('/testdata/'))

/** Paths that a document tells its reader to create. */
const CREATED_BY_READERS = ['deploy/mine', 'deploy/mine/kustomization.yaml', 'deploy/.env']

function read(file: string): string {
  return readFileSync(join(repositoryRoot, file), 'utf8')
}

function exists(path: string): boolean {
  return path.includes('*')
    ? globSync(path, { cwd: repositoryRoot }).length > 0
    : existsSync(join(repositoryRoot, path))
}

/** The folder of the package that a document belongs to; the repository's root for the others. */
function packageFolderOf(file: string): string {
  let folder = dirname(file)
  while (folder !== '.' && !existsSync(join(repositoryRoot, folder, 'package.json'))) folder = dirname(folder)
  return folder
}

for (const file of DOCUMENTS) {
  test(`${file}: every relative link leads somewhere`, () => {
    const broken: string[] = []
    for (const { line, target } of findLinks(read(file))) {
      if (/^[a-z]+:/i.test(target)) continue
      const [path = '', anchor] = decodeURI(target).split('#')
      const linked = path === '' ? file : normalize(join(dirname(file), path))
      const anchors = anchor !== undefined && linked.endsWith('.md') && exists(linked) && headingAnchors(read(linked))
      if (!exists(linked) || (anchors && !anchors.has(anchor ?? ''))) broken.push(`line ${line}: ${target}`)
    }
    assert.deepEqual(broken, [])
  })

  test(`${file}: every path it names exists`, () => {
    const packageFolder = packageFolderOf(file)
    const missing = findNamedPaths(read(file))
      .filter(
        ({ path, inPackage }) =>
          !(inPackage ? packageFolder === '.' : CREATED_BY_READERS.includes(path) || exists(path)),
      )
      .filter(({ path }) => packageFolder === '.' || !exists(join(packageFolder, path)))
      .map(({ line, path }) => `line ${line}: ${path}`)
    assert.deepEqual(missing, [])
  })
}

const RECORDS = DOCUMENTS.filter((file) => /^docs\/adr\/\d/.test(file))
const RECORD =
  /^# (\d+)\. (.+)\n\nStatus: (accepted(?:, (?:partly )?supersedes \[\d+\]\([^)]+\)(?:\sand (?:partly )?\[\d+\]\([^)]+\))?)?|(?:partly )?superseded by \[\d+\]\([^)]+\)(?:: .+)?)\n\n## Context\n\n[\s\S]+\n\n## Decision\n\n[\s\S]+\n\n## Consequences\n\n[\s\S]+\n$/

test('every decision record has its number, title, status, context, decision and consequences', () => {
  for (const file of RECORDS) {
    const [, number = ''] = RECORD.exec(read(file)) ?? []
    assert.equal(number.padStart(4, '0'), basename(file).slice(0, 4), file)
  }
})

test('a decision record that supersedes another one, wholly or partly, is named there', () => {
  const supersedes: string[] = []
  const superseded: string[] = []
  for (const file of RECORDS) {
    const [, number, , status = ''] = RECORD.exec(read(file)) ?? []
    const isAccepted = status.startsWith('accepted')
    const isPartly = status.startsWith('partly')
    for (const [, partly, other] of status.matchAll(/(partly )?(?:supersedes )?\[(\d+)\]/g)) {
      if (isAccepted) supersedes.push(`${number}, ${other}, ${partly ? 'partly' : 'wholly'}`)
      else superseded.push(`${other}, ${number}, ${isPartly ? 'partly' : 'wholly'}`)
    }
  }
  assert.deepEqual(supersedes.sort(), superseded.sort())
})

test('the index of decision records lists each of them with its title, and marks those that are superseded', () => {
  const index = read('docs/adr/README.md')
  for (const file of RECORDS) {
    const [, number, title, status = ''] = RECORD.exec(read(file)) ?? []
    const mark = status.startsWith('accepted') ? '' : `, ${status}`
    assert.ok(index.includes(`- [${number}](${basename(file)}) ${title}${mark}\n`), `${file}: ${title}${mark}`)
  }
})
