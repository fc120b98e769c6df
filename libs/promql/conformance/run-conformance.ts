import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'

/** How many evaluations of a script pass. */
export interface ScriptOutcome {
  passed: number
  total: number
}

export interface Conformance {
  /** By script. */
  readonly scripts: ReadonlyMap<string, ScriptOutcome>
  /** The evaluations that fail, as `script line: query`. */
  readonly failed: readonly string[]
  /** The output of the comparison of random queries, and whether all results were equal. */
  readonly comparison: { readonly passed: boolean; readonly output: string }
}

/** Whether Go is installed, which builds Prometheus' test runner. */
export function hasGo(): boolean {
  return spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0
}

/**
 * Builds Prometheus' test runner and engine, and runs them against ours. The environment variables `SEED` and `COUNT`
 * control the comparison. The first run takes minutes.
 */
export async function runConformance(): Promise<Conformance> {
  const scripts = new Map<string, ScriptOutcome>()
  const failed: string[] = []
  const go = spawn('go', ['test', '-count=1', '-json', '.'], {
    cwd: import.meta.dirname,
    env: { ...process.env, NODE: process.execPath },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const others: string[] = []
  const comparison = { passed: false, output: '' }
  for await (const line of createInterface({ input: go.stdout })) {
    const event: { Action?: string; Test?: string; Output?: string } = JSON.parse(line)
    const evaluation = /^TestConformance\/testdata\/([^/]+\.test)\/(line_\d+)\/(.*)$/s.exec(event.Test ?? '')
    if (event.Test === 'TestDifferential') {
      comparison.output += event.Output ?? ''
      comparison.passed ||= event.Action === 'pass'
    }
    if (evaluation === null) {
      if (event.Output !== undefined) others.push(event.Output)
      continue
    }
    const [, script = '', at = '', query = ''] = evaluation
    if (event.Action !== 'pass' && event.Action !== 'fail') continue
    const outcome = scripts.get(script) ?? { passed: 0, total: 0 }
    scripts.set(script, outcome)
    outcome.total += 1
    if (event.Action === 'pass') outcome.passed += 1
    else failed.push(`${script} ${at.replace('_', ' ')}: ${query}`)
  }
  if (scripts.size === 0) throw new Error(`the scripts could not be run:\n${others.join('')}`)
  return { scripts, failed, comparison }
}

/** The results as a table. */
export function conformanceTable({ scripts }: Conformance): string {
  const rows = [...scripts].sort(([a], [b]) => (a < b ? -1 : 1))
  const sum = (pick: (outcome: ScriptOutcome) => number) => rows.reduce((total, [, one]) => total + pick(one), 0)
  const lines = rows.map(([script, { passed, total }]) => `${script}: ${passed} of ${total}`)
  return [...lines, `all: ${sum(({ passed }) => passed)} of ${sum(({ total }) => total)}`].join('\n')
}
