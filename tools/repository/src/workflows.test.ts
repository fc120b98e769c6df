import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { IMAGES } from './release/install-manifest.ts'
import { repositoryRoot } from './repository-root.ts'

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

interface Job {
  readonly 'timeout-minutes'?: number
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> }
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[]
}

const read = (file: string) => readFileSync(join(repositoryRoot, file), 'utf8')
const workflows = globSync('.github/workflows/*.yml', { cwd: repositoryRoot })

for (const file of workflows) {
  test(`${file}: reads only by default, every job ends, every action is pinned by its commit and says its version`, () => {
    const text = read(file)
    const { permissions, jobs }: Workflow = parse(text)
    assert.deepEqual(permissions, { contents: 'read' })
    for (const [name, job] of Object.entries(jobs)) assert.ok(job['timeout-minutes'], `${name} has no timeout-minutes`)
    for (const [line] of text.matchAll(/^.*\buses: .*$/gm)) {
      assert.match(line, /uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    }
  })
}

test('release: every image is built for both architectures, with SBOM, provenance and signature', () => {
  const { jobs }: Workflow = parse(read('.github/workflows/release.yml'))
  const projects = jobs.images?.strategy?.matrix.project ?? []
  assert.deepEqual(projects.map((project) => String(project).split('/')[1]).sort(), [...IMAGES])
  const commands = (jobs.images?.steps ?? []).map(({ run = '' }) => run).join('\n')
  for (const part of [
    '--platform linux/amd64,linux/arm64',
    '--sbom=true',
    '--provenance=mode=max',
    'cosign sign --yes',
  ]) {
    assert.ok(commands.includes(part), part)
  }
})

test('every package in the lockfile that comes from a registry has its integrity', () => {
  const { packages }: { packages: Readonly<Record<string, Locked>> } = JSON.parse(read('package-lock.json'))
  const without = Object.entries(packages)
    .filter(([path]) => path.includes('node_modules/'))
    .filter(([, { link, inBundle, integrity }]) => !link && !inBundle && integrity === undefined)
  assert.deepEqual(
    without.map(([path]) => path),
    [],
  )
})

interface Locked {
  readonly link?: boolean
  readonly inBundle?: boolean
  readonly integrity?: string
}
