/**
 * `npm test` and `npm run e2e`: has nx run a target of all projects, and ends with one line of totals. Colours are for terminals:
 * a file gets none, nor does a dumb terminal, and NO_COLOR is honoured.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import { Totals } from './totals.ts'

const [target = 'test', ...options] = process.argv.slice(2)
const { NO_COLOR, TERM } = process.env
const isColored = process.stdout.isTTY && !NO_COLOR && TERM !== 'dumb'
const { NO_COLOR: _, ...env } = process.env

const nx = spawn(
  process.execPath,
  [
    createRequire(import.meta.url).resolve('nx/bin/nx.js'),
    'run-many',
    `--target=${target}`,
    '--parallel=2',
    '--outputStyle=static',
    ...options,
  ],
  {
    env: isColored ? { ...env, FORCE_COLOR: '1' } : { ...env, NO_COLOR: '1', FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  },
)
const totals = new Totals()
for (const [stream, output] of [
  [nx.stdout, process.stdout],
  [nx.stderr, process.stderr],
] as const) {
  createInterface({ input: stream }).on('line', (line) => {
    const plain = stripVTControlCharacters(line)
    totals.add(plain)
    output.write(`${isColored ? line : plain}\n`)
  })
}
// The terminal sends Ctrl-C to nx too; its end is awaited.
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => nx.kill(signal))
process.on('SIGINT', () => undefined)
nx.once('close', (code, signal) => {
  process.stdout.write(`\n${totals}\n`)
  process.exitCode = signal === null ? (code ?? 1) : 1
  if (code === 0 && totals.runs === 0) {
    process.stderr.write(
      'No test has run: is the name after --projects= one of those that "npx nx show projects" lists?\n',
    )
    process.exitCode = 2
  }
})
