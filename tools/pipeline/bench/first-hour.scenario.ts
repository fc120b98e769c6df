import { readFileSync } from 'node:fs'
import type { Scenario, Variant } from '@node-to-cloud/bench'
import { PipelineRun } from '../e2e/pipeline-run.ts'

const PORT_OFFSET = 19_500

/** What a newcomer notices of `npm start`, and its limits. */
const LIMITS = { firstDataSeconds: 15, allDataSeconds: 15, stopSeconds: 2, memoryMegabytes: 650 } as const

type Figure = keyof typeof LIMITS

const NAMES: Readonly<Record<Figure, string>> = {
  firstDataSeconds: 'first data within 15 s',
  allDataSeconds: 'all types and traces within 15 s',
  stopSeconds: 'stopped within 2 s',
  memoryMegabytes: 'memory within 650 MB',
}

/** Runs `npm start` until everything has arrived, and stops it. */
async function runOnce(): Promise<Readonly<Record<Figure, number>>> {
  const begin = performance.now()
  const seconds = (since: number) => (performance.now() - since) / 1000
  const run = new PipelineRun(['start', '--port-offset', String(PORT_OFFSET)], { byNpm: true })
  try {
    await run.until('the first data', () => /[1-9]\d* of \d+ metric types/.test(run.stdout))
    const firstDataSeconds = seconds(begin)
    await run.until('all data', () => run.stdout.includes('Everything has arrived.'))
    const allDataSeconds = seconds(begin)
    const memoryMegabytes = run.processes(PORT_OFFSET).reduce((sum, { pid }) => sum + megabytesOf(pid), 0)
    const stop = performance.now()
    if (run.child.pid !== undefined) process.kill(-run.child.pid, 'SIGINT')
    await run.closed
    while (run.processes(PORT_OFFSET).length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
    return { firstDataSeconds, allDataSeconds, stopSeconds: seconds(stop), memoryMegabytes }
  } finally {
    for (const { pid } of run.processes(PORT_OFFSET)) process.kill(pid, 'SIGKILL')
  }
}

/** The process's share of memory: what it has in common with others, such as Node itself, counts in part (PSS). */
function megabytesOf(pid: number): number {
  try {
    const [, kilobytes] = /^Pss: +(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
    return Number(kilobytes ?? 0) / 1024
  } catch {
    return 0
  }
}

const takes = new Set<Figure>()
let current: ReturnType<typeof runOnce> | undefined

/** One run serves all figures of a round. */
async function measured(figure: Figure): Promise<number> {
  if (takes.has(figure)) {
    takes.clear()
    current = undefined
  }
  takes.add(figure)
  current ??= runOnce()
  const value = (await current)[figure]
  process.stderr.write(`${NAMES[figure]}: ${value.toFixed(1)}\n`)
  return LIMITS[figure] / value
}

function variant(figure: Figure): Variant {
  return { name: NAMES[figure], measure: () => measured(figure) }
}

const LIMIT = 'the limit'

export const scenario: Scenario = {
  name: 'first-hour',
  description:
    'npm start until all types and traces have arrived, then Ctrl-C. The figures themselves are printed to stderr; the table shows how many times each fits into its limit.',
  unit: 'times within the limit',
  baseline: LIMIT,
  variants: [
    { name: LIMIT, measure: async () => 1 },
    variant('firstDataSeconds'),
    variant('allDataSeconds'),
    variant('stopSeconds'),
    variant('memoryMegabytes'),
  ],
  bounds: Object.values(NAMES).map((name) => ({ variant: name, atLeast: 1 })),
}
