import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parse } from 'yaml'
import { deployDir } from '../../src/repository.ts'

/** Every folder with a kustomization that can be applied, relative to `deploy`. */
export function compositions(): string[] {
  return kustomizationsOfKind('Kustomization')
}

/** Every component, relative to `deploy`. */
export function components(): string[] {
  return kustomizationsOfKind('Component')
}

/** Every folder that a kustomization uses, directly or indirectly, as absolute paths. */
export function foldersUsedBy(folder: string, seen = new Set<string>()): Set<string> {
  const { resources = [], components: used = [] } = readKustomization(folder)
  for (const entry of [...resources, ...used]) {
    const path = resolve(folder, entry)
    if (/\.ya?ml$/.test(path) || seen.has(path)) continue
    seen.add(path)
    foldersUsedBy(path, seen)
  }
  return seen
}

interface Kustomization {
  kind?: string
  resources?: string[]
  components?: string[]
}

function readKustomization(folder: string): Kustomization {
  const parsed: Kustomization | null = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'))
  return parsed ?? {}
}

function kustomizationsOfKind(kind: string): string[] {
  return globSync('{base,components,overlays,tests}/**/kustomization.yaml', { cwd: deployDir })
    .map(dirname)
    .filter((folder) => readKustomization(join(deployDir, folder)).kind === kind)
    .map((folder) => relative(deployDir, join(deployDir, folder)))
    .sort()
}
