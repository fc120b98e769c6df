import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from './repository-root.ts'

const EVERY_PROJECT_WITH_TELEMETRY = [
  'cloud-emulator',
  'cluster',
  'custom-metrics-example',
  'deploy',
  'flask-app',
  'loadtester',
  'pipeline',
  'prometheus-sidecar',
  'telemetry',
]

/** A changed file, and the projects whose `test` and whose `e2e` nx has to run for it. */
const CASES: readonly {
  readonly change: string
  readonly test: readonly string[]
  readonly e2e: readonly string[]
}[] = [
  {
    change: 'apps/custom-metrics-example/src/main.ts',
    test: ['cluster', 'custom-metrics-example', 'deploy', 'pipeline'],
    e2e: ['cloud-emulator', 'deploy', 'flask-app', 'pipeline'],
  },
  {
    change: 'apps/flask-app/src/main.ts',
    test: ['cluster', 'deploy', 'flask-app', 'pipeline'],
    e2e: ['cloud-emulator', 'deploy', 'flask-app', 'pipeline', 'prometheus-sidecar', 'telemetry'],
  },
  {
    change: 'apps/loadtester/src/main.ts',
    test: ['cluster', 'deploy', 'loadtester', 'pipeline'],
    e2e: ['cloud-emulator', 'deploy', 'flask-app', 'loadtester', 'pipeline'],
  },
  {
    change: 'libs/artillery-engine-undici/src/index.ts',
    test: ['artillery-engine-undici', 'cluster', 'deploy', 'loadtester', 'pipeline'],
    e2e: ['artillery-engine-undici', 'cloud-emulator', 'deploy', 'flask-app', 'loadtester', 'pipeline'],
  },
  {
    change: 'libs/prometheus-sidecar/src/main.ts',
    test: ['cluster', 'deploy', 'pipeline', 'prometheus-sidecar'],
    e2e: ['cloud-emulator', 'deploy', 'flask-app', 'pipeline', 'prometheus-sidecar'],
  },
  {
    change: 'libs/cloud-emulator/src/main.ts',
    test: ['cloud-emulator', 'cluster', 'deploy', 'pipeline'],
    e2e: ['cloud-emulator', 'deploy', 'flask-app', 'pipeline', 'prometheus-sidecar', 'telemetry'],
  },
  {
    change: 'libs/telemetry/src/index.ts',
    test: EVERY_PROJECT_WITH_TELEMETRY,
    e2e: ['cloud-emulator', 'deploy', 'flask-app', 'loadtester', 'pipeline', 'prometheus-sidecar', 'telemetry'],
  },
  {
    change: 'libs/command-line/src/index.ts',
    test: ['artillery-engine-undici', 'bench', 'command-line', 'promql', ...EVERY_PROJECT_WITH_TELEMETRY].sort(),
    e2e: [
      'artillery-engine-undici',
      'cloud-emulator',
      'deploy',
      'flask-app',
      'loadtester',
      'pipeline',
      'prometheus-sidecar',
      'promql',
      'telemetry',
    ],
  },
  { change: 'libs/telemetry/e2e/prometheus.test.ts', test: [], e2e: ['telemetry'] },
  {
    change: 'deploy/dashboards/flask-app.json',
    test: ['cluster', 'deploy', 'pipeline'],
    e2e: ['cloud-emulator', 'deploy', 'flask-app', 'pipeline'],
  },
  { change: 'tools/pipeline/src/main.ts', test: ['cluster', 'pipeline'], e2e: ['pipeline'] },
  { change: 'docs/maintaining.md', test: [], e2e: [] },
]

function nx(...args: readonly string[]): string {
  return execFileSync(join(repositoryRoot, 'node_modules/.bin/nx'), [...args], {
    cwd: repositoryRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** The projects that a change affects, without this one: its checks read the whole repository. */
function affected(change: string): readonly string[] {
  const projects: readonly string[] = JSON.parse(nx('show', 'projects', '--affected', `--files=${change}`, '--json'))
  return projects.filter((name) => !name.startsWith('repository')).sort()
}

/** The dependencies of every project on others of the repository. */
function readProjectGraph(): ReadonlyMap<string, readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'project-graph-'))
  try {
    const file = join(folder, 'graph.json')
    nx('graph', `--file=${file}`)
    const { graph }: { graph: { dependencies: Record<string, readonly { readonly target: string }[]> } } = JSON.parse(
      readFileSync(file, 'utf8'),
    )
    return new Map(Object.entries(graph.dependencies).map(([name, edges]) => [name, edges.map(({ target }) => target)]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const projectGraph = readProjectGraph()

test('the project graph has no cycle', () => {
  const remaining = new Map(projectGraph)
  assert.ok(remaining.size > 10)
  for (;;) {
    const free = [...remaining].filter(([, targets]) => !targets.some((target) => remaining.has(target)))
    if (free.length === 0) break
    for (const [name] of free) remaining.delete(name)
  }
  assert.deepEqual([...remaining], [])
})

for (const { change, test: tests, e2e } of CASES) {
  test(`a change of ${change} affects the tests of ${tests.join(', ') || 'no project'}`, () => {
    const projects = affected(change)
    assert.deepEqual(
      projects.filter((name) => !name.endsWith('-e2e')),
      tests,
    )
    assert.deepEqual(
      projects.filter((name) => name.endsWith('-e2e')),
      e2e.map((project) => `${project}-e2e`),
    )
  })
}

test('every folder of end-to-end tests is a project of its own, which depends on the project it tests', () => {
  for (const folder of globSync('{{apps,libs,tools}/*,deploy}/e2e', { cwd: repositoryRoot })) {
    const { name }: { name: string } = JSON.parse(readFileSync(join(repositoryRoot, folder, 'project.json'), 'utf8'))
    const project: { nx: { name: string } } = JSON.parse(
      readFileSync(join(repositoryRoot, dirname(folder), 'package.json'), 'utf8'),
    )
    assert.equal(name, `${project.nx.name}-e2e`)
    assert.ok(
      projectGraph.get(name)?.includes(project.nx.name),
      `${folder}/project.json names ${project.nx.name} in implicitDependencies`,
    )
  }
})
