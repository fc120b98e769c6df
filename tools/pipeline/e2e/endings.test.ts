import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { portsOf } from '../src/parts/ports.ts'
import { listens, PipelineRun } from './pipeline-run.ts'

/** How long a process may take to notice that the one above it was killed, and to end. */
const PATIENCE_MS = 60_000

interface Process {
  readonly pid: number
  readonly command: string
}

const isNpm = ({ command }: Process) => /^npm/.test(command)
const isPipeline = ({ command }: Process) => command.includes('tools/pipeline/src/main.ts')

const PARTS = ['cloud-emulator', 'prometheus-sidecar', 'flask-app', 'custom-metrics-example', 'loadtester'] as const

const ENDINGS: readonly {
  readonly title: string
  /** @returns the processes that get the signals, one after another */
  readonly victims: (all: readonly Process[]) => readonly Process[]
  readonly signals: readonly NodeJS.Signals[]
  readonly says?: RegExp
  /** What is on stderr. */
  readonly complains?: RegExp
}[] = [
  { title: 'SIGTERM to npm', victims: (all) => all.filter(isNpm), signals: ['SIGTERM'], says: /Stopping …/ },
  { title: 'SIGKILL to npm', victims: (all) => all.filter(isNpm), signals: ['SIGKILL'] },
  { title: 'SIGKILL to the pipeline itself', victims: (all) => all.filter(isPipeline), signals: ['SIGKILL'] },
  ...PARTS.flatMap((part) =>
    (['SIGTERM', 'SIGKILL'] as const).map((signal) => ({
      title: `${signal} to ${part}`,
      victims: (all: readonly Process[]) =>
        all.filter(({ command }) => command.includes(`/${part}/src/main.ts`)).slice(0, 1),
      signals: [signal],
      complains: new RegExp(`^${part} ended: `, 'm'),
    })),
  ),
  {
    title: 'Ctrl-C twice',
    victims: (all) => all.filter((process) => isNpm(process) || isPipeline(process)),
    signals: ['SIGINT', 'SIGINT'],
    says: /Stopping …/,
  },
]

for (const [index, { title, victims, signals, says, complains }] of ENDINGS.entries()) {
  const offset = 16_000 + index * 200
  test(`${title} leaves no process and no port`, async (t) => {
    const run = new PipelineRun(['start', '--port-offset', String(offset)], { byNpm: true })
    t.after(() => {
      for (const { pid } of run.processes(offset)) process.kill(pid, 'SIGKILL')
    })
    await run.until('all parts started', () => /metric types|the first points/.test(run.stdout))
    const found = victims(run.processes(offset))
    assert.notEqual(found.length, 0)
    for (const signal of signals) for (const { pid } of found) signalIfAlive(pid, signal)
    // A process that is ending has no command line any more while it still has its sockets.
    const left = async () => [...run.processes(offset), ...(await listeningPorts(offset))]
    const deadline = performance.now() + PATIENCE_MS
    while ((await left()).length > 0 && performance.now() < deadline) await sleep(50)
    assert.deepEqual(await left(), [])
    if (says !== undefined) assert.match(run.stdout, says)
    if (complains !== undefined) assert.match(run.stderr, complains)
    // A line that says so must be true, and nothing else may have come after it.
    if (/has stopped/.test(run.stdout)) assert.match(run.stdout, /The pipeline has stopped\.\n$/)
  })
}

async function listeningPorts(offset: number): Promise<readonly number[]> {
  const ports = Object.values(portsOf(offset))
  const listening = await Promise.all(ports.map(listens))
  return ports.filter((_port, index) => listening[index])
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
