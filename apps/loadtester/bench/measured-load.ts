import { PinnedProcess, processors } from '@node-to-cloud/bench'
import { type Command, seconds, until } from './commands.ts'
import { Target } from './target.ts'

export interface MeasureOptions {
  /** Requests that have to have come before the warm-up counts. */
  readonly begunAfter: number
  readonly warmUpSeconds: number
  readonly measuredSeconds: number
  readonly env?: Readonly<Record<string, string>>
}

/** Requests that a load generator sends for each second of CPU time that it uses, at a target on another processor. */
export async function requestsPerCpuSecond(
  command: (url: string) => Command | undefined,
  options: MeasureOptions,
): Promise<number | undefined> {
  const target = await Target.start()
  try {
    const line = command(target.url)
    if (line === undefined) return undefined
    const env = { ARTILLERY_DISABLE_TELEMETRY: '1', OTEL_TRACES_EXPORTER: 'none', ...options.env }
    const load = new PinnedProcess(line, { processor: processors.underTest, env })
    try {
      return await measure(load, target, options)
    } finally {
      await load.stop()
    }
  } finally {
    await target.stop()
  }
}

async function measure(load: PinnedProcess, target: Target, options: MeasureOptions): Promise<number> {
  await until(
    async () => {
      if (load.child.exitCode !== null) throw new Error(`${load.child.spawnargs.join(' ')} ended`)
      return (await target.count()) >= options.begunAfter
    },
    `${load.child.spawnargs.join(' ')} sends requests`,
  )
  await seconds(options.warmUpSeconds)
  const countBefore = await target.count()
  const cpuBefore = load.cpuSeconds()
  await seconds(options.measuredSeconds)
  return ((await target.count()) - countBefore) / (load.cpuSeconds() - cpuBefore)
}
