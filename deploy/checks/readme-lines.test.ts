import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { deployDir } from '../src/repository.ts'
import { buildKustomization } from './kustomize/build.ts'
import { components } from './kustomize/compositions.ts'
import { kustomizeOrReason } from './kustomize/tool.ts'
import { checkRules } from './rules/check.ts'

const tool = kustomizeOrReason()
const skip = typeof tool === 'string' ? tool : false

/** The line of a component's README, and where and after what it says to use it. */
interface Line {
  readonly path: string
  /** Relative to `deploy`. */
  readonly folders: readonly string[]
  readonly needsSidecar: boolean
  readonly withoutClaims: boolean
}

/** Reads `kustomize edit add component PATH` and the text in brackets below it, `(from FOLDER or FOLDER …)`. */
function lineOf(readme: string): Line {
  const [, path = ''] = /^ {4}kustomize edit add component (\S+)$/m.exec(readme) ?? []
  const [, where = ''] = /^\(from ([^)]*)\)/m.exec(readme) ?? []
  const folders = [...where.matchAll(/`deploy\/([\w/]+)`/g)].flatMap(([, folder = '']) =>
    /\bENV\b/.test(folder) ? ['gke', 'local'].map((environment) => folder.replace('ENV', environment)) : [folder],
  )
  return {
    path,
    folders,
    needsSidecar: where.includes('after `prometheus-sidecar`'),
    withoutClaims: where.includes('without `persistent/monitoring`'),
  }
}

describe('the line in the README of each component works in the folders that it names', { skip }, () => {
  let copy = ''
  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'readme-lines-'))
    for (const folder of ['base', 'components', 'overlays', 'dashboards', 'alerts'])
      cpSync(join(deployDir, folder), join(copy, folder), { recursive: true })
  })
  after(() => rmSync(copy, { recursive: true }))

  async function problemsOf(folder: string, { path, needsSidecar, withoutClaims }: Line): Promise<unknown[]> {
    assert.ok(typeof tool !== 'string')
    const file = join(copy, folder, 'kustomization.yaml')
    const isTest = folder === 'tests/NAME'
    if (isTest) mkdirSync(join(copy, folder), { recursive: true })
    const original = isTest ? '{ resources: [../../base] }' : readFileSync(file, 'utf8')
    const kustomization: { components?: string[] } = parse(original)
    const used = (kustomization.components ?? []).filter((name) => !(withoutClaims && name.includes('/persistent')))
    if (isTest && needsSidecar) used.push('../../components/prometheus-sidecar')
    writeFileSync(file, stringify({ ...kustomization, components: [...used, path] }))
    try {
      return checkRules(await buildKustomization(tool, join(copy, folder)))
    } finally {
      writeFileSync(file, original)
    }
  }

  for (const component of components().filter((folder) => folder.split('/').length === 2)) {
    test(component, async () => {
      const line = lineOf(readFileSync(join(deployDir, component, 'README.md'), 'utf8'))
      assert.ok(line.path.endsWith(`/${component}`), `the line adds ${line.path}`)
      assert.ok(line.folders.length > 0, 'the README says from which folders')
      for (const folder of line.folders) assert.deepEqual(await problemsOf(folder, line), [], folder)
    })
  }
})
