import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { repositoryFiles, repositoryRoot } from './repository-root.ts'

const SOURCE = /^(?:(?:apps|libs|tools)\/[^/]+|deploy)\/src\/.+\.ts$/

/** Imports as Biome formats them, with those of types, and dynamic ones. */
const IMPORT = /^(?:import|export)\b[^'";]*?\bfrom '(\.[^']+)'|^import '(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm

/** What imports what, among the entries (files and folders) of each folder. */
function edgesByFolder(): ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>> {
  const files = repositoryFiles().filter((file) => SOURCE.test(file) && !file.endsWith('.test.ts'))
  const known = new Set(files)
  const folders = new Map<string, Map<string, Set<string>>>()
  for (const file of files) {
    for (const [, from, bare, dynamic] of readFileSync(join(repositoryRoot, file), 'utf8').matchAll(IMPORT)) {
      const target = normalize(join(dirname(file), from ?? bare ?? dynamic ?? ''))
      if (!known.has(target)) continue
      const { folder, entry, other } = splitAtCommonFolder(file, target)
      const edges = folders.get(folder) ?? new Map<string, Set<string>>()
      folders.set(folder, edges.set(entry, (edges.get(entry) ?? new Set()).add(other)))
    }
  }
  return folders
}

/** The folder that holds both files, and its two entries that lead to them. */
function splitAtCommonFolder(file: string, target: string): { folder: string; entry: string; other: string } {
  const one = file.split('/')
  const two = target.split('/')
  const depth = one.findIndex((part, index) => part !== two[index])
  return { folder: one.slice(0, depth).join('/'), entry: one[depth] ?? '', other: two[depth] ?? '' }
}

/** The entries that are part of a cycle: removes those that import nothing that is left, then those nothing left imports. */
function inCycles(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const left = new Set([...edges.keys(), ...[...edges.values()].flatMap((targets) => [...targets])])
  for (let size = -1; size !== left.size; ) {
    size = left.size
    for (const entry of left) {
      const imports = [...(edges.get(entry) ?? [])].some((other) => other !== entry && left.has(other))
      const imported = [...left].some((other) => other !== entry && edges.get(other)?.has(entry))
      if (!imports || !imported) left.delete(entry)
    }
  }
  return [...left].sort()
}

for (const [folder, edges] of edgesByFolder()) {
  test(`${folder}: imports between its folders and files lead one way`, () => {
    assert.deepEqual(inCycles(edges), [])
  })
}
