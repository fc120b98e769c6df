import { execFileSync } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { PinnedProcess, processors } from '@node-to-cloud/bench'

const node = [process.execPath, '--conditions=@node-to-cloud/source'] as const

/** A file of this folder. */
export function benchFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

/** The command line of the load tester. */
export function loadtester(...args: readonly string[]): readonly [string, ...string[]] {
  return [...node, fileURLToPath(new URL('../src/main.ts', import.meta.url)), ...args]
}

/** Locust's command line; undefined where it is not installed. */
export function locust(url: string, users: number): readonly [string, ...string[]] | undefined {
  try {
    execFileSync('locust', ['--version'], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  const load = ['--headless', '-u', String(users), '-r', String(users), '--host', url, '--loglevel', 'ERROR']
  return ['locust', '-f', benchFile('locustfile.py'), ...load]
}

export interface MeasureOptions {
  /** Requests that have to have come before the warm-up counts. */
  readonly begunAfter: number
  readonly warmUpSeconds: number
  readonly measuredSeconds: number
  readonly env?: Readonly<Record<string, string>>
}

/** Requests that a load generator sends for each second of CPU time that it uses, at a target on another processor. */
export async function requestsPerCpuSecond(
  command: (url: string) => readonly [string, ...string[]] | undefined,
  options: MeasureOptions,
): Promise<number | undefined> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const line = command(url)
  if (line === undefined) return undefined
  const target = new PinnedProcess([...node, benchFile('hello-server.ts'), String(port)], {
    processor: processors.load,
  })
  try {
    await target.answers(`${url}/count`)
    const env = { ARTILLERY_DISABLE_TELEMETRY: '1', OTEL_TRACES_EXPORTER: 'none', ...options.env }
    const load = new PinnedProcess(line, { processor: processors.underTest, env })
    try {
      return await measure(load, `${url}/count`, options)
    } finally {
      await load.stop()
    }
  } finally {
    await target.stop()
  }
}

async function measure(load: PinnedProcess, countUrl: string, options: MeasureOptions): Promise<number> {
  const count = async (): Promise<number> => Number(await (await fetch(countUrl)).text())
  const deadline = performance.now() + 60_000
  while ((await count()) < options.begunAfter) {
    if (load.child.exitCode !== null) throw new Error(`${load.child.spawnargs.join(' ')} ended`)
    if (performance.now() > deadline) throw new Error(`${load.child.spawnargs.join(' ')} sends no requests`)
    await seconds(0.1)
  }
  await seconds(options.warmUpSeconds)
  const countBefore = await count()
  const cpuBefore = load.cpuSeconds()
  await seconds(options.measuredSeconds)
  return ((await count()) - countBefore) / (load.cpuSeconds() - cpuBefore)
}

function seconds(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, duration * 1000))
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
