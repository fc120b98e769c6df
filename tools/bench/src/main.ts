import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { nearest, runMain, UsageError } from '@node-to-cloud/command-line'
import { keepProcessorsAwake } from './awake-processors.ts'
import { markdownOf } from './markdown.ts'
import { type BenchOptions, readOptions } from './options.ts'
import { runScenario, type ScenarioResult } from './run-scenario.ts'
import type { Scenario } from './scenario.ts'
import { findScenarios } from './scenarios.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

async function run(options: BenchOptions): Promise<number> {
  const all = await findScenarios(root)
  if (options.list) {
    for (const { name, description } of all) process.stdout.write(`${name}: ${description}\n`)
    return 0
  }
  const unknown = options.only.filter((name) => !all.some((scenario) => scenario.name === name))
  if (unknown.length > 0) {
    throw new UsageError(
      unknown.map((name) => unknownScenario(name, all)),
      { command: 'npm run bench --' },
    )
  }
  const awake = keepProcessorsAwake()
  const idle = awake.granted ? 'kept awake' : 'that may sleep'
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()} ${idle}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`
  const sections: string[] = [`# Benchmarks\n\n${machine}. \`npm run bench\`\n`]
  const results: ScenarioResult[] = []
  for (const scenario of all) {
    if (options.only.length > 0 && !options.only.includes(scenario.name)) continue
    const onMeasured = (text: string) => process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`)
    const result = await runScenario(scenario, { rounds: options.rounds, onMeasured })
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    results.push(result)
    const section = markdownOf(result)
    sections.push(section)
    if (!options.json) process.stdout.write(`${section}\n`)
  }
  awake.release()
  const ok = results.every((result) => result.ok)
  if (options.json) process.stdout.write(`${JSON.stringify({ ok, machine, scenarios: results })}\n`)
  if (options.out !== undefined) writeFileSync(options.out, sections.join('\n'))
  return ok ? 0 : 1
}

function unknownScenario(name: string, all: readonly Scenario[]): string {
  const names = all.map((scenario) => scenario.name)
  const meant = nearest(name, names)
  const help = meant === undefined ? `the scenarios are ${names.join(', ')}` : `did you mean ${meant}?`
  return `${JSON.stringify(name)} is not a scenario; ${help}`
}

runMain('bench', async () => {
  const options = readOptions(process.argv.slice(2))
  if (typeof options === 'string') process.stdout.write(options)
  else process.exitCode = await run(options)
})
