import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parse } from 'yaml'
import type { Composition } from './installation.ts'
import { DEPLOY_DIR } from './repository.ts'

interface Kustomization {
  readonly resources?: readonly string[]
  readonly components?: readonly string[]
}

function readKustomization(folder: string): Kustomization {
  return parse(readFileSync(join(DEPLOY_DIR, folder, 'kustomization.yaml'), 'utf8')) ?? {}
}

/** Every overlay and component, relative to `deploy`. */
export function overlaysAndComponents(): string[] {
  return globSync('{overlays,components}/**/kustomization.yaml', { cwd: DEPLOY_DIR }).map((path) => dirname(path))
}

function addUsed(folder: string, seen: Set<string>): void {
  if (seen.has(folder)) return
  seen.add(folder)
  const { resources = [], components = [] } = readKustomization(folder)
  for (const entry of [...resources, ...components]) {
    if (!/\.ya?ml$/.test(entry)) addUsed(relative(DEPLOY_DIR, resolve(DEPLOY_DIR, folder, entry)), seen)
  }
}

/** The folders that are applied with some compositions, directly or by another folder, relative to `deploy`. */
export function foldersApplied(compositions: readonly Composition[]): ReadonlySet<string> {
  const seen = new Set<string>()
  for (const { base, others = [], components = [] } of compositions) {
    for (const folder of [base, ...others, ...components.map((name) => `components/${name}`)]) addUsed(folder, seen)
  }
  return seen
}
